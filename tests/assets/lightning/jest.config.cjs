/** Runs the component's tests with Salesforce's own jest set-up, and with the labels' texts instead of their names. */

const fs = require('node:fs');
const path = require('node:path');
const { jestConfig } = require('@salesforce/sfdx-lwc-jest/config');
const { labelsOf } = require('../labels.cjs');

const LWC = path.join(__dirname, '../../salesforce/force-app/main/default/lwc');
const MADE = path.join(__dirname, '../../made/labels');

fs.mkdirSync(MADE, { recursive: true });
for (const [name, text] of Object.entries(labelsOf('en'))) {
  fs.writeFileSync(path.join(MADE, `c.${name}.js`), `module.exports = { default: ${JSON.stringify(text)} };\n`);
}

module.exports = {
  ...jestConfig,
  rootDir: path.join(__dirname, '..', '..'),
  roots: ['<rootDir>/tests/lightning'],
  testMatch: ['**/*.test.js'],
  moduleNameMapper: {
    ...jestConfig.moduleNameMapper,
    '^@salesforce/label/(c\\..*)$': path.join(MADE, '$1.js'),
    '^lightning/navigation$': path.join(__dirname, '../browser/navigation.js'),
    '^c/truegradeLook$': path.join(LWC, 'truegradeLook/truegradeLook.css'), // a module of CSS alone
  },
  transform: { ...jestConfig.transform, '^.+\\.mjs$': jestConfig.transform['^.+\\.(js|ts|html|css)$'] },
};
