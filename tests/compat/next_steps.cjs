// Templates, next steps and action buttons through the SDK's clients.
'use strict';

module.exports = {
  async templates({ admin }) {
    const client = admin();
    const created = await client.createTemplate({ name: 'Invoice', description: 'For clients' });
    const read = await client.getTemplate(created.id);
    const updated = await client.updateTemplate(created.id, { name: 'Bill' });
    const page = await client.getTemplates({ limit: 100 });
    const customer = page.items.find((template) => template.name === 'Customer meeting');
    const [step] = (await client.getTemplateNextSteps(customer.id)).items;
    await client.addTemplateNextStep(created.id, { next_step_id: step.id, sort_order: 1 });
    await client.updateTemplateNextStep(created.id, step.id, { autopilot: true });
    const brought = await client.getTemplateNextSteps(created.id, { limit: 10 });
    await client.removeTemplateNextStep(created.id, step.id);
    const left = await client.getTemplateNextSteps(created.id);
    await client.deleteTemplate(created.id);
    return { created, read, updated, page, step, brought, left };
  },

  async carriedOut({ signedIn }) {
    const { user } = await signedIn('grace@example.com');
    const templates = await user.getMeetingTemplates({ limit: 2 });
    const template = await user.getMeetingTemplate(templates.items[0].id);
    const meetings = await user.getAllMeetings();
    const meeting = meetings.find(({ title }) => title.startsWith('Customer interview'));
    const steps = await user.getMeetingNextSteps(meeting.id, { limit: 50 });
    const buttons = await user.getMeetingActionButtons(meeting.id);
    const executed = await user.executeNextStep(meeting.id, steps.items[0].id);
    const result = await user.getNextStepResult(executed.result_id);
    const triggered = await user.triggerActionButton(meeting.id, buttons.items[1].id, { parameters: {} });
    return { templates, template, meeting, steps, buttons, executed, result, triggered };
  },
};
