// A calendar that Contio synchronises, through the SDK's user client.
'use strict';

const RANGE = { start_date: '2030-03-01T00:00:00Z', end_date: '2030-04-01T00:00:00Z' };

function synced(mock, title, minute = 0) {
  const start = new Date(Date.UTC(2030, 2, 4, 9, minute));
  const end = new Date(start.getTime() + 30 * 60_000);
  return mock('POST', '/simulate/calendar-event-synced', {
    email: 'ada@example.com',
    title,
    start_time: start.toISOString(),
    end_time: end.toISOString(),
    attendees: [{ email: 'grace@example.com', status: 'accepted' }],
  });
}

module.exports = {
  async linked({ mock, refusal, signedIn }) {
    const { user } = await signedIn();
    const first = await synced(mock, 'Budget');
    const second = await synced(mock, 'Printer', 30);
    const third = await synced(mock, 'Reader', 60);
    const listed = await user.getCalendarEvents({ ...RANGE, limit: 2, offset: 1 });
    const descending = await user.getCalendarEvents({ ...RANGE, direction: 'desc', limit: 1 });
    const read = await user.getCalendarEvent(first.id);
    const meeting = await user.createMeeting({ title: 'Budget' });
    const linked = await user.linkCalendarEvent(meeting.id, { calendar_event_id: first.id });
    const linkedEvent = await user.getCalendarEvent(first.id);
    const made = await user.createMeetingFromCalendarEvent(second.id);
    const again = await user.createMeetingFromCalendarEvent({ calendar_event_id: second.id });
    const meetingMade = await user.getMeeting(made.meeting.id);
    const rangeless = await refusal(() => user.getCalendarEvents({}));
    await mock('POST', '/simulate/calendar-event-deleted', { calendar_event_id: third.id });
    const gone = await refusal(() => user.getCalendarEvent(third.id));
    return {
      synced: [first, second, third], listed, descending, read, meeting, linked, linkedEvent, made, again, meetingMade,
      rangeless, gone,
    };
  },

  async paged({ mock, signedIn }) {
    const { user } = await signedIn();
    for (let number = 0; number < 101; number += 1) await synced(mock, `Event ${number}`, number);
    const all = await user.getAllCalendarEvents(RANGE);
    return { titles: all.map(({ title }) => title), ids: new Set(all.map(({ id }) => id)).size };
  },
};
