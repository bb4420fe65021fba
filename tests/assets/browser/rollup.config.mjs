/** Bundles the Lightning component for a browser, with what the platform would give it: labels, locale, records. */

import path from 'node:path';
import lwc from '@lwc/rollup-plugin';

const HERE = import.meta.dirname;
const ROOT = path.join(HERE, '..', '..');
const LABEL = /^@salesforce\/label\/c\.(.+)$/;

const platform = {
  name: 'platform',
  resolveId(id) {
    if (id.startsWith('lightning/')) {
      return path.join(HERE, `${id.slice('lightning/'.length)}.js`);
    }
    return LABEL.test(id) || id === '@salesforce/i18n/locale' ? `\0${id}` : null;
  },
  load(id) {
    const label = id.startsWith('\0') && LABEL.exec(id.slice(1));
    if (label) {
      return `export default globalThis.TRUEGRADE.labels[${JSON.stringify(label[1])}];`;
    }
    return id === '\0@salesforce/i18n/locale' ? 'export default globalThis.TRUEGRADE.locale;' : null;
  },
  // The engine asks where it runs: in production, and in no server.
  transform: (code) => ({
    code: code.replaceAll('import.meta.env.SSR', 'false').replaceAll('process.env.NODE_ENV', '"production"'),
    map: null,
  }),
};

export default {
  input: path.join(HERE, 'lightning.js'),
  output: { file: path.join(ROOT, 'made', 'lightning.js'), format: 'iife' },
  plugins: [
    platform,
    lwc({ rootDir: path.join(ROOT, 'modules'), modules: [{ dir: path.join(ROOT, 'modules') }] }),
    nodeModules(),
  ],
  onwarn(warning) {
    throw new Error(`rollup: ${warning.message}`);
  },
};

/** Finds the engine's own packages. */
function nodeModules() {
  const entries = {
    '@lwc/synthetic-shadow': '@lwc/synthetic-shadow/dist/index.js',
    '@lwc/engine-dom': '@lwc/engine-dom/dist/index.js',
    '@lwc/shared': '@lwc/shared/dist/index.js',
    '@lwc/features': '@lwc/features/dist/index.js',
    lwc: '@lwc/engine-dom/dist/index.js',
  };
  return {
    name: 'node-modules',
    resolveId: (id) => (entries[id] ? path.join(ROOT, 'node_modules', entries[id]) : null),
  };
}
