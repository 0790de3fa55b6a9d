// Action items through the SDK's user client.
'use strict';

module.exports = {
  async worked({ refusal, signedIn }) {
    const { user } = await signedIn();
    const meeting = await user.createMeeting({ title: 'Tasks' });
    const wished = {
      meeting_id: meeting.id,
      title: 'Oil the carriage – ölen',
      description: 'Before Friday',
      due_date: '2030-02-01',
      partner_context: { ticket: 42, nested: { labels: ['a', 'b'] } },
    };
    const created = await user.createActionItem(wished);
    const read = await user.getActionItem(created.id);
    const renamed = await user.updateActionItem(created.id, { title: 'Oil it', status: 'in_progress' });
    const done = await user.updateActionItem(created.id, { is_completed: true });
    const other = await user.createActionItem({ meeting_id: meeting.id, title: 'Another' });
    const open = await user.getActionItems({ meeting_id: meeting.id, is_completed: false });
    const closed = await user.getActionItems({ meeting_id: meeting.id, is_completed: true, limit: 1 });
    await user.deleteActionItem(created.id);
    const gone = await refusal(() => user.getActionItem(created.id));
    return { wished, created, read, renamed, done, other, open, closed, gone };
  },

  async paged({ signedIn }) {
    const { user } = await signedIn();
    const meeting = await user.createMeeting({ title: 'Many tasks' });
    const ids = [];
    for (let number = 0; number < 101; number += 1) {
      const { id } = await user.createActionItem({ meeting_id: meeting.id, title: `Task ${number}` });
      ids.push(id);
    }
    const all = await user.getAllActionItems({ meeting_id: meeting.id });
    return { ids, all: all.map(({ id }) => id) };
  },
};
