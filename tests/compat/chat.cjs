// The assistant and its workflows through the SDK's clients.
'use strict';

const CANVAS = '11111111-1111-4111-8111-111111111111';

module.exports = {
  async conversed({ signedIn }) {
    const { user } = await signedIn();
    const metadata = { ticket: '42' };
    const created = await user.createChatSession({ message: 'What is next?', metadata });
    const sent = await user.sendChatMessage(created.id, { message: 'And then?' });
    const read = await user.getChatSession(created.id);
    const turn = await user.getChatTurn(created.id, read.turns.items[1].id);
    const again = await user.getChatSession(created.id, { include: 'undelivered' });
    const listed = await user.getChatSessions({ status: 'active' });
    return { created, sent, read, turn, again, listed };
  },

  async ran({ admin, signedIn }) {
    const { user } = await signedIn();
    const templates = await admin().listWorkflowTemplates({ limit: 10 });
    const { id } = templates.items.find((template) => template.name === 'Weekly digest');
    const template = await admin().getWorkflowTemplate(id);
    const origin = { originating_id: CANVAS, originating_type: 'canvas' };
    const created = await user.createWorkflowRun({ workflow_template_id: id, ...origin });
    const read = await user.getWorkflowRun(created.id);
    const listed = await user.listWorkflowRuns({ status: 'completed', workflow_template_id: id });
    return { template, created, read, listed };
  },
};
