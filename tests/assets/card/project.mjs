/**
 * Has the developer project read by the library that HubSpot's own command line reads projects with. Its check against
 * HubSpot's schemas is left out, for it fetches them from an account.
 */

import fs from 'node:fs/promises';
import path from 'node:path';
import { translate } from '@hubspot/project-parsing-lib/translate';

const PROJECT = path.join(import.meta.dirname, '..', '..', 'hubspot');
const { srcDir, platformVersion } = JSON.parse(await fs.readFile(path.join(PROJECT, 'hsproject.json'), 'utf8'));

const found = await translate(
  { projectSourceDir: path.join(PROJECT, srcDir), platformVersion, accountId: 1 },
  { skipValidation: true },
);
const parts = Object.values(found.intermediateRepresentation.intermediateNodesIndexedByUid);
const [app, ...others] = parts.filter(({ componentType }) => componentType === 'APPLICATION');
const cards = parts.filter(
  ({ componentType, componentDeps }) => componentType === 'CARD' && componentDeps.app === app.uid,
);
const skipped = found.skippedHsMetaFiles;

if (others.length || cards.length + 1 !== parts.length || skipped.length) {
  throw new Error(`Not one app with its cards, but ${JSON.stringify({ parts, skipped }, null, 2)}`);
}
console.log(JSON.stringify({ app: app.uid, cards: cards.map(({ uid }) => uid) }));
