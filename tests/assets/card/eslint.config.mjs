/** HubSpot's own rules for cards, with TypeScript's and those for React's hooks. */

import { config } from '@hubspot/eslint-config-ui-extensions';
import hooks from 'eslint-plugin-react-hooks';
import typescript from 'typescript-eslint';

const CARDS = ['hubspot/src/app/cards/**/*.{ts,tsx,js}'];

export default [
  { ignores: ['node_modules/**', 'salesforce/**', 'tests/**', 'modules/**', 'made/**'] },
  ...[
    ...typescript.configs.strict,
    ...typescript.configs.stylistic,
    ...config,
    hooks.configs['recommended-latest'],
  ].map((one) => ({ ...one, files: CARDS })),
];
