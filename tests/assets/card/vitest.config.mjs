import path from 'node:path';

/** Runs the card's tests with HubSpot's testing library, in the workspace that holds the copies. */
export default {
  root: path.join(import.meta.dirname, '..', '..'),
  cacheDir: 'made/vitest',
  test: { include: ['tests/card/*.test.tsx'] },
};
