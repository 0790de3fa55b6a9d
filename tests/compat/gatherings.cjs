// Who takes part in a meeting, what is on its agenda, and what was said.
'use strict';

const PARTICIPANT = { email: 'babbage@example.org', name: 'Charles Babbage', role: 'EDITOR' };
const ITEM = {
  item_type: 'DISCUSSION',
  title: 'The second engine',
  description: 'Who pays for it',
  time_allocation_minutes: 20,
  presenters: ['grace@example.com'],
};
const SPOKEN = [
  { speaker: 'Ada', text: 'Is it größer?', start_seconds: 0.5, end_seconds: 2 },
  { speaker: 'Grace', text: 'Almost.', start_seconds: 3661, end_seconds: 3662.25 },
];

module.exports = {
  async attended({ signedIn }) {
    const { user } = await signedIn();
    const { id } = await user.createMeeting({ title: 'Second engine' });
    const before = await user.getMeetingParticipants(id);
    const added = await user.addMeetingParticipant(id, PARTICIPANT);
    const during = await user.getMeetingParticipants(id);
    const removed = await user.removeMeetingParticipant(id, added.id);
    const after = await user.getMeetingParticipants(id);
    return { id, wished: PARTICIPANT, before, added, during, removedIs: typeof removed, after };
  },

  async planned({ signedIn, refusal }) {
    const { user } = await signedIn();
    const { id } = await user.createMeeting({ title: 'Second engine' });
    const created = await user.createAgendaItem(id, ITEM);
    const other = await user.createAgendaItem(id, { item_type: 'DISCUSSION', title: 'Go or not' });
    const updated = await user.updateAgendaItem(id, created.id, { title: 'The third', talking_points: 'Ask Byron' });
    const listed = await user.getMeetingAgendaItems(id);
    await user.deleteAgendaItem(id, other.id);
    const left = await user.getMeetingAgendaItems(id);
    const again = await refusal(() => user.deleteAgendaItem(id, other.id));
    return { id, wished: ITEM, created, other, updated, listed, left, again };
  },

  async spoken({ mock, refusal, signedIn }) {
    const { user } = await signedIn();
    const { id } = await user.createMeeting({ title: 'Second engine' });
    const early = await refusal(() => user.exportMeetingTranscript(id));
    await mock('POST', '/simulate/meeting-started', { meeting_id: id });
    await mock('POST', '/simulate/meeting-ended', { meeting_id: id });
    await mock('POST', '/simulate/meeting-completed', { meeting_id: id, transcript: SPOKEN, summary_notes: 'Done.' });
    const meeting = await user.getMeeting(id);
    const exported = await user.exportMeetingTranscript(id, { format: 'srt' });
    const bytes = Buffer.from(exported);
    return { early, meeting, text: bytes.toString('utf8') };
  },
};
