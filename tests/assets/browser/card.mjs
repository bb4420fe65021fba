/** Bundles the HubSpot card for a browser, over the stand-ins for HubSpot's components. */

import path from 'node:path';
import { build } from 'esbuild';

const HERE = import.meta.dirname;

await build({
  entryPoints: [path.join(HERE, 'card.tsx')],
  outfile: path.join(HERE, '..', '..', 'made', 'card.js'),
  bundle: true,
  format: 'iife',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  alias: {
    '@hubspot/ui-extensions/crm': path.join(HERE, 'standins.tsx'),
    '@hubspot/ui-extensions': path.join(HERE, 'standins.tsx'),
  },
});
