/** Salesforce's own rules: for Lightning components, and for the SLDS 2 styling hooks of their CSS and HTML. */

import lwc from '@salesforce/eslint-config-lwc/recommended.js';
import slds from '@salesforce-ux/eslint-plugin-slds';

const LWC = 'salesforce/force-app/main/default/lwc/**';

export default [
  { ignores: ['node_modules/**', 'hubspot/**', 'tests/**', 'modules/**', 'made/**'] },
  ...lwc.map((config) => ({ ...config, files: [`${LWC}/*.js`] })),
  ...slds.configs['flat/recommended'],
];
