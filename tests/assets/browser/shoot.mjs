/**
 * Opens both panels in a real browser in every state, width and theme: takes a picture, runs axe, walks them by
 * keyboard and zooms to 200 %. Prints a JSON object { shots, folder, problems } and ends with 1 if there is a problem.
 *
 * node shoot.mjs CHROMIUM FOLDER
 */

import fs from 'node:fs/promises';
import path from 'node:path';
import puppeteer from 'puppeteer-core';
import { LANGUAGES } from '../languages.mjs';
import { STATES } from '../states.mjs';
import { axeOn, opened, PANELS, problems, tooWide, written } from './pages.mjs';

const [chromium, folder] = process.argv.slice(2);
// Each state wide and narrow, light and dark; the main ones in every combination.
const LOOKS = [
  ['desktop', 'light'],
  ['phone', 'dark'],
];
const EVERY_LOOK = [...LOOKS, ['desktop', 'dark'], ['phone', 'light']];
const MAIN = ['hot', 'cold', 'byHand', 'company', 'deal'];
const BROWSERS = 2; // side by side, each with one page: a page behind another draws nothing, and keys go to the first

const shots = [];

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
  if (wanted.size === 'desktop') {
    await zoomed(page, name, wanted.width);
  }
  await page.close();
}

/** Looks at a page at 200 %, which has half as many CSS pixels on the same screen. */
async function zoomed(page, name, width) {
  await page.setViewport({ width: Math.round(width / 2), height: 900, deviceScaleFactor: 2 });
  const wide = await tooWide(page);
  if (wide) {
    problems.push(`${name} at 200 %: wider than the page: ${wide}`);
  }
}

/** Looks whether a page fits its width; takes no picture. */
async function fits(browser, wanted) {
  const page = await opened(browser, wanted);
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

/** Lists what there is to do for one panel: each opens a page, looks and closes it. */
function worksOf(crm, { widths }) {
  const walks = ['cold', 'company'].map((state) => (browser) => walked(browser, crm, state));
  const looks = Object.keys(STATES).flatMap((state) =>
    (MAIN.includes(state) ? EVERY_LOOK : LOOKS).map(([size, theme]) => ({ state, size, theme })),
  );
  const bare = crm === 'salesforce' ? ['hot', 'cold', 'company', 'tooLittle', 'noAccess'] : [];
  looks.push(...bare.map((state) => ({ state, size: 'desktop', theme: 'bare' })));
  const narrow = { size: 'phone', theme: 'light' };
  const said = (states) => LANGUAGES.flatMap((language) => states.map((state) => ({ state, language, ...narrow })));
  looks.push(...said(['hot', 'company', 'dealCold']));
  const fitting = said(['cold', 'stale', 'tooLittle', 'byHand', 'noAccess']);
  const whole = (look) => ({ crm, width: widths[look.size], ...look });
  return [
    ...walks,
    ...looks.map((look) => (browser) => shot(browser, whole(look))),
    ...fitting.map((look) => (browser) => fits(browser, whole(look))),
  ];
}

/** Does what is left, one after the other, in a browser of its own. */
async function work(left) {
  const browser = await puppeteer.launch({
    executablePath: chromium,
    args: ['--no-sandbox', '--allow-file-access-from-files', '--force-color-profile=srgb'],
  });
  while (left.length > 0) {
    await left.shift()(browser);
  }
  await browser.close();
}

await fs.mkdir(folder, { recursive: true });
await written();
const left = Object.entries(PANELS).flatMap(([crm, panel]) => worksOf(crm, panel));
await Promise.all(Array.from({ length: BROWSERS }, () => work(left)));
console.log(JSON.stringify({ shots: shots.length, folder, problems }, null, 2));
process.exitCode = problems.length ? 1 : 0;
