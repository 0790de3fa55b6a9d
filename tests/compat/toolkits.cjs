// Toolkits through the SDK's admin and user clients.
'use strict';

const STEP = { spec: { $id: 'a', name: 'A', type: 'AI', ai_prompt: 'Write.' } };
const KIT = { name: 'Kit', slug: 'kit', version: '1.0.0', manifest: { next_steps: [STEP] } };

module.exports = {
  async published({ admin, signedIn }) {
    const partner = admin();
    const { user } = await signedIn();
    const created = await partner.createToolkit(KIT);
    const id = created.toolkit.id;
    const updated = await partner.updateToolkit(id, { description: 'Changed by PUT', auto_propagate: true });
    const listed = await user.getToolkits({ limit: 1 });
    const installed = await user.installToolkit(id);
    const read = await user.getToolkit(id);
    const better = { next_steps: [{ spec: { ...STEP.spec, name: 'B' } }] };
    const draft = await partner.createToolkitVersion(id, { version_label: '2.0.0', manifest: better });
    await partner.publishToolkitVersion(id, draft.version.id, { propagation: 'normal' });
    const versions = await partner.listToolkitVersions(id);
    await partner.republishToolkitVersion(id, versions[0].id);
    const exported = await partner.exportToolkit(id);
    const entities = await partner.exportEntities({ next_step_ids: Object.values(installed.entities.next_steps) });
    await user.uninstallToolkit(id);
    const gone = await user.getToolkit(id);
    const workspaces = partner.getWorkspaces && (await partner.getWorkspaces({ limit: 2 }));
    const installations = partner.getToolkitInstallations && (await partner.getToolkitInstallations(id));
    await partner.deleteToolkit(id);
    return {
      created, updated, listed, installed, read, versions, exported, entities, gone, workspaces, installations,
    };
  },

  async drafted({ admin, refusal }) {
    const partner = admin();
    const dry = await partner.createToolkit({ ...KIT, dry_run: true });
    const { toolkit } = await partner.createToolkit(KIT);
    const read = await partner.getToolkit(toolkit.id);
    const page = await partner.getToolkits({ limit: 1 });
    const wished = { version_label: '1.1.0', manifest: KIT.manifest, changelog: 'Better' };
    const { version } = await partner.createToolkitVersion(toolkit.id, wished);
    const changed = await partner.updateToolkitVersion(toolkit.id, version.id, { changelog: 'Much better' });
    const reread = await partner.getToolkitVersion(toolkit.id, version.id);
    await partner.discardToolkitVersion(toolkit.id, version.id);
    const discarded = await refusal(() => partner.getToolkitVersion(toolkit.id, version.id));
    const twice = await refusal(() => partner.createToolkit(KIT));
    return { dry, toolkit, read, page, wished, version, changed, reread, discarded, twice };
  },

  async tried({ admin, signedIn }) {
    const partner = admin();
    const { user } = await signedIn();
    const { toolkit } = await partner.createToolkit(KIT);
    const dry = await user.installToolkit(toolkit.id, { dry_run: true });
    const read = await user.getToolkit(toolkit.id);
    return { toolkit, dry, read };
  },
};
