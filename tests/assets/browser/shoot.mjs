/**
 * Opens both panels in a real browser in every state, width and theme: takes a picture, runs axe, walks them by
 * keyboard and zooms to 200 %. Prints a JSON object { shots, folder, problems } and ends with 1 if there is a problem.
 *
 * node shoot.mjs CHROMIUM FOLDER
 */

import fs from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import puppeteer from 'puppeteer-core';
import labels from '../labels.cjs';
import { inLanguage, LANGUAGES } from '../languages.mjs';
import { hubspotProperties, OBJECT_TYPES, OBJECTS, salesforceRecord } from '../records.mjs';
import { NOW, STATES } from '../states.mjs';

const [chromium, folder] = process.argv.slice(2);
const ROOT = path.join(import.meta.dirname, '..', '..');
const SLDS = 'node_modules/@salesforce-ux/design-system-2/dist/css/bundled/slds2.cosmos.css';
const AXE = await fs.readFile(path.join(ROOT, 'node_modules/axe-core/axe.min.js'), 'utf8');
const DRAWN_WITHIN_MS = 30_000;
// Each state wide and narrow, light and dark; the main ones in every combination.
const LOOKS = [
  ['desktop', 'light'],
  ['phone', 'dark'],
];
const EVERY_LOOK = [...LOOKS, ['desktop', 'dark'], ['phone', 'light']];
const MAIN = ['hot', 'cold', 'byHand', 'company', 'deal'];
const AT_ONCE = 4; // pages that are open side by side

const PANELS = {
  salesforce: { script: 'lightning.js', style: SLDS, widths: { desktop: 720, phone: 320 } },
  hubspot: { script: 'card.js', style: 'tests/browser/card.css', widths: { desktop: 400, phone: 320 } },
};

const problems = [];
const shots = [];

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
async function opened(browser, { crm, state, width, theme, language = 'en' }) {
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

async function axeOn(page, name) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  for (const { id, nodes } of violations) {
    problems.push(`${name}: axe ${id}: ${nodes[0].html.slice(0, 160)} ${nodes[0].failureSummary.split('\n')[1] ?? ''}`);
  }
}

/** Whether something is cut off or has to be scrolled to the side. */
async function tooWide(page) {
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

async function shot(browser, wanted) {
  const name = [wanted.crm, wanted.state, wanted.size, wanted.theme, wanted.language].filter(Boolean).join('-');
  const page = await opened(browser, wanted);
  const wide = await tooWide(page);
  if (wide) {
    problems.push(`${name}: wider than the page: ${wide}`);
  }
  await axeOn(page, name);
  const file = path.join(folder, `${name}.png`);
  await (await page.$('body')).screenshot({ path: file });
  shots.push(file);
  await page.close();
}

/** Looks whether a page fits its width; takes no picture. */
async function fits(browser, wanted) {
  const page = await opened(browser, { theme: 'light', ...wanted });
  const wide = await tooWide(page);
  if (wide) {
    problems.push(`${JSON.stringify(wanted)}: wider than the page: ${wide}`);
  }
  await page.close();
}

/** What has the focus, whatever part it is in, and whether that can be seen. */
function focused() {
  let part = document.activeElement;
  while (part.shadowRoot?.activeElement) {
    part = part.shadowRoot.activeElement;
  }
  const { outlineStyle, boxShadow } = getComputedStyle(part);
  return { text: part.textContent, isSeen: outlineStyle !== 'none' || boxShadow !== 'none' };
}

/** Reaches every button and summary by Tab alone, and works each by Enter. */
async function walked(browser, crm, state) {
  const page = await opened(browser, { crm, state, width: 720, theme: 'light' });
  const wanted = await page.$$eval('main button, main summary', (found) => found.map((one) => one.textContent));
  const reached = [];
  for (let step = 0; step < wanted.length; step += 1) {
    await page.keyboard.press('Tab');
    const { text, isSeen } = await page.evaluate(focused);
    reached.push(text);
    if (!isSeen) {
      problems.push(`${crm}: the focus on "${text}" cannot be seen`);
    }
    await page.keyboard.press('Enter');
  }
  if (JSON.stringify(reached) !== JSON.stringify(wanted) || wanted.length < 2) {
    problems.push(`${crm}: by keyboard ${JSON.stringify(reached)} of ${JSON.stringify(wanted)}`);
  }
  const open = await page.$$eval('main details[open]', (found) => found.length);
  const items = await page.$$eval('main li', (found) => found.length);
  if (open !== 1 || items < (state === 'cold' ? 7 : 3)) {
    problems.push(`${crm} ${state}: Enter opened ${open} and shows ${items} items`);
  }
  await axeOn(page, `${crm} ${state} opened`);
  const file = path.join(folder, `${crm}-${state}-opened.png`);
  await (await page.$('body')).screenshot({ path: file });
  shots.push(file);
  await page.close();
}

/** Lists what there is to do for one panel: each a function that opens a page, looks and closes it. */
function worksOf(crm, { widths }) {
  const works = [];
  for (const state of Object.keys(STATES)) {
    for (const [size, theme] of MAIN.includes(state) ? EVERY_LOOK : LOOKS) {
      works.push(() => shot(browser, { crm, state, size, width: widths[size], theme }));
    }
    // A page at 200 % has half as many CSS pixels on the same screen.
    works.push(() => fits(browser, { crm, state, width: Math.round(widths.desktop / 2) }));
  }
  for (const state of crm === 'salesforce' ? ['hot', 'cold', 'company', 'tooLittle', 'noAccess'] : []) {
    works.push(() => shot(browser, { crm, state, size: 'desktop', width: widths.desktop, theme: 'bare' }));
  }
  for (const language of LANGUAGES) {
    for (const state of ['hot', 'company', 'dealCold']) {
      works.push(() => shot(browser, { crm, state, size: 'phone', width: widths.phone, theme: 'light', language }));
    }
    for (const state of ['cold', 'stale', 'tooLittle', 'byHand', 'noAccess']) {
      works.push(() => fits(browser, { crm, state, width: widths.phone, language }));
    }
  }
  return works;
}

/** Does all of it, a few at a time. */
async function done(works) {
  const left = [...works];
  const worker = async () => {
    while (left.length > 0) {
      await left.shift()();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const browser = await puppeteer.launch({
  executablePath: chromium,
  args: ['--no-sandbox', '--allow-file-access-from-files', '--force-color-profile=srgb'],
});
await fs.mkdir(folder, { recursive: true });
for (const [crm, panel] of Object.entries(PANELS)) {
  panel.address = await pageFile(crm);
}
for (const crm of Object.keys(PANELS)) {
  await walked(browser, crm, 'cold'); // alone, for only one page has the keyboard
  await walked(browser, crm, 'company');
}
await done(Object.entries(PANELS).flatMap(([crm, panel]) => worksOf(crm, panel)));
await browser.close();
console.log(JSON.stringify({ shots: shots.length, folder, problems }, null, 2));
process.exitCode = problems.length ? 1 : 0;
