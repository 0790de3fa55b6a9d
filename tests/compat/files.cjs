// Context documents through the SDK's user client: up, converted, down again, byte for byte.
'use strict';

const TEXT = `# Größe – 会議\n\n${'Each line is a line.\n'.repeat(5000)}`;

module.exports = {
  async shared({ mock, refusal, signedIn }) {
    const { user } = await signedIn();
    const { id } = await user.createMeeting({ title: 'With documents' });
    const uploaded = await user.uploadMeetingContextDocument(id, {
      file: new File([TEXT], 'Größe.md'),
      source_format: 'md',
      title: 'Sizes, größer',
      context_type: 'crm_record',
    });
    const plain = await user.uploadMeetingContextDocument(id, { file: new Blob(['a']), source_format: 'txt' });
    await mock('POST', '/clock', { advance: '10m' });
    const read = await user.getMeetingContextDocument(id, uploaded.id);
    const listed = await user.getMeetingContextDocuments(id, { limit: 1, offset: 1 });
    const down = await user.downloadMeetingContextDocumentContent(id, uploaded.id);
    const bytes = Buffer.from(down.data);
    await user.deleteMeetingContextDocument(id, uploaded.id);
    const gone = await refusal(() => user.downloadMeetingContextDocumentContent(id, uploaded.id));
    const wrong = await refusal(() => {
      const file = new Blob(['no json']);
      return user.uploadMeetingContextDocument(id, { file, source_format: 'json' });
    });
    const { filename, contentType, size } = down;
    return {
      id, uploaded, plain, read, listed, gone, wrong,
      down: { filename, contentType, size, bytes: bytes.length, same: bytes.equals(Buffer.from(TEXT)) },
    };
  },

  async paged({ signedIn }) {
    const { user } = await signedIn();
    const { id } = await user.createMeeting({ title: 'With many documents' });
    const ids = [];
    for (let number = 0; number < 101; number += 1) {
      const file = new Blob([`${number}`]);
      ids.push((await user.uploadMeetingContextDocument(id, { file, source_format: 'txt' })).id);
    }
    const all = await user.getAllMeetingContextDocuments(id);
    return { ids, all: all.map((document) => document.id) };
  },
};
