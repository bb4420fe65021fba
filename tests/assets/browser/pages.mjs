/** The pages that are looked at: each shows one panel in one state, and nothing else. */

import fs from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import labels from '../labels.cjs';
import { inLanguage } from '../languages.mjs';
import { hubspotProperties, OBJECT_TYPES, OBJECTS, salesforceRecord } from '../records.mjs';
import { NOW, STATES } from '../states.mjs';

const ROOT = path.join(import.meta.dirname, '..', '..');
const SLDS = 'node_modules/@salesforce-ux/design-system-2/dist/css/bundled/slds2.cosmos.css';
const AXE = await fs.readFile(path.join(ROOT, 'node_modules/axe-core/axe.min.js'), 'utf8');
const DRAWN_WITHIN_MS = 60_000;

export const PANELS = {
  salesforce: { script: 'lightning.js', style: SLDS, widths: { desktop: 720, phone: 320 } },
  hubspot: { script: 'card.js', style: 'tests/browser/card.css', widths: { desktop: 400, phone: 320 } },
};

/** What is wrong, in words. */
export const problems = [];

/** Writes the file of each panel's page. */
export async function written() {
  for (const [crm, panel] of Object.entries(PANELS)) {
    panel.address = await pageFile(crm);
  }
}

/** The page of one panel: nothing but it, as the only thing in a main landmark. */
async function pageFile(crm) {
  const { script, style } = PANELS[crm];
  const address = (name) => pathToFileURL(path.join(ROOT, name)).href;
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${crm}</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="${address(style)}">
<style>body { margin: 0; padding: 12px; } h1 { margin-bottom: 8px; }</style></head>
<body><main><h1>Kim Example</h1></main><script src="${address(`made/${script}`)}"></script></body></html>`;
  const file = path.join(ROOT, 'made', `${crm}.html`);
  await fs.writeFile(file, html);
  return pathToFileURL(file).href;
}

/** Opens a panel in a state; times stand still at the moment that the states are made for. */
export async function opened(browser, { crm, state, width, theme, language = 'en' }) {
  const page = await browser.newPage();
  page.on('pageerror', (error) => problems.push(`${crm} ${state}: ${error.message}`));
  const { values: held, kind = 'lead', ...happens } = STATES[state];
  const values = state === 'hot' && language !== 'en' ? inLanguage(held, language) : held;
  const given = {
    ...happens,
    objectApiName: OBJECTS[kind],
    objectTypeId: OBJECT_TYPES[kind],
    locale: language.replace('_', '-'),
    labels: labels.labelsOf(language),
    record: values && salesforceRecord(values, OBJECTS[kind]),
    properties: values && hubspotProperties(values),
  };
  await page.evaluateOnNewDocument(standStill, given, NOW.getTime());
  await page.setViewport({ width, height: 900, deviceScaleFactor: 2 });
  await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
  await page.goto(PANELS[crm].address);
  await page.evaluate(dress, theme);
  const drawn = await page.waitForSelector('main h2', { timeout: DRAWN_WITHIN_MS }).catch(() => null);
  if (!drawn) {
    throw new Error(`${crm} ${state} drew nothing. ${problems.join('\n')}`);
  }
  return page;
}

/** Sets the page's theme; 'bare' takes the design system away, as in an org that has no such styling hooks. */
function dress(theme) {
  document.documentElement.style.setProperty('color-scheme', theme === 'dark' ? 'dark' : 'light');
  if (theme === 'bare') {
    document.querySelector('link').remove();
  }
}

function standStill(given, now) {
  const Now = Date;
  globalThis.TRUEGRADE = given;
  globalThis.Date = class extends Now {
    constructor(...parts) {
      super(...(parts.length ? parts : [now]));
    }
  };
}

/** Runs axe over a page. */
export async function axeOn(page, name) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  for (const { id, nodes } of violations) {
    problems.push(`${name}: axe ${id}: ${nodes[0].html.slice(0, 160)} ${nodes[0].failureSummary.split('\n')[1] ?? ''}`);
  }
}

/** Whether something is cut off or has to be scrolled to the side. */
export async function tooWide(page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const wide = [...document.querySelectorAll('main *')].filter(
      (part) => part.getBoundingClientRect().right > clientWidth + 1,
    );
    return scrollWidth > clientWidth || wide.length
      ? `${scrollWidth} of ${clientWidth} ${wide[0]?.className ?? ''}`
      : null;
  });
}
