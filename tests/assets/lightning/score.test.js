import { createElement } from 'lwc';
import { visited } from 'lightning/navigation';
import { getRecord } from 'lightning/uiRecordApi';
import TruegradeScore from 'c/truegradeScore';
import { PREFIX } from 'c/truegradeFields';
import { OBJECTS, salesforceRecord } from '../records.mjs';
import { NOW, STATES } from '../states.mjs';

async function panel({ values, fails, kind = 'lead' }, objectApiName = OBJECTS[kind]) {
  const element = createElement('c-truegrade-score', { is: TruegradeScore });
  element.recordId = '00Q000000000001AAA';
  element.objectApiName = objectApiName;
  document.body.appendChild(element);
  if (values) {
    getRecord.emit(salesforceRecord(values, objectApiName));
  }
  if (fails) {
    getRecord.error();
  }
  await Promise.resolve();
  await Promise.resolve();
  return element;
}

/** The texts of everything that matches, also inside of the parts. */
function texts(element, selector) {
  return all(element, selector).map((found) => found.textContent.trim());
}

function all(element, selector) {
  const root = element.shadowRoot;
  const inner = [...root.querySelectorAll('*')].filter((part) => part.shadowRoot);
  return [...root.querySelectorAll(selector), ...inner.flatMap((part) => all(part, selector))];
}

beforeEach(() => {
  jest.useFakeTimers({ now: NOW, doNotFake: ['nextTick', 'queueMicrotask'] });
});

afterEach(() => {
  jest.useRealTimers();
  document.body.replaceChildren();
});

it('asks for our own fields alone, as optional ones, beside the id', async () => {
  await panel(STATES.hot, 'Opportunity');

  const { fields, optionalFields, recordId } = getRecord.getLastConfig();
  expect(fields).toEqual(['Opportunity.Id']);
  expect(recordId).toBe('00Q000000000001AAA');
  expect(optionalFields).toHaveLength(12);
  expect(optionalFields.filter((name) => !name.startsWith(`Opportunity.${PREFIX}`))).toEqual([]);
});

it('asks for the sums of its leads on an account, and for nothing of a person', async () => {
  await panel(STATES.company);

  const { optionalFields } = getRecord.getLastConfig();
  expect(optionalFields).toHaveLength(11);
  expect(optionalFields).toContain(`Account.${PREFIX}Best_Lead__c`);
  expect(optionalFields).not.toContain(`Account.${PREFIX}Fit__c`);
});

it('sums up a company: the best lead, how many by grade, and who decides there', async () => {
  const element = await panel(STATES.company);

  expect(texts(element, '.call')).toEqual(['Call first']);
  expect(texts(element, '.because')).toEqual([STATES.company.values.top_reason]);
  expect(texts(element, '.odds')).toEqual(['About 4 in 10 companies like this are won']);
  expect(texts(element, '.part h3')).toEqual(['Open leads', 'Buying group 50%']);
  expect(texts(element, '.grades dt')).toEqual(['A', 'B', 'C']);
  expect(texts(element, '.grades dd')).toEqual(['1', '2', '4']);
  expect(texts(element, '.part button')).toEqual(['Open the best lead']);
  expect(texts(element, '.part .text')).toEqual([STATES.company.values.roles]);
  expect(all(element, 'section.box')).toEqual([]);
});

it('leads to the best lead of a company', async () => {
  const element = await panel(STATES.company);

  all(element, '.part button')[0].click();

  expect(visited).toEqual([{ type: 'standard__recordPage', attributes: { recordId: '501', actionName: 'view' } }]);
});

it('leaves out what is not told of a company', async () => {
  const element = await panel(STATES.companyBare);

  expect(texts(element, '.call')).toEqual(['Worth a call']);
  expect(all(element, '.part')).toEqual([]);
});

it.each([
  ['company', 'Score and grade: those of the best open lead.'],
  ['deal', 'Score: the place among all, 99 is the best. The grade, A to D, sums it up.'],
])('tells on a %s how to read it', async (state, first) => {
  expect(texts(await panel(STATES[state]), '.help li')[0]).toBe(first);
});

it.each([
  ['deal', 'Focus here first', 'About 6 in 10 deals like this are won'],
  ['dealCold', 'Do not count on it', 'About 1 in 32 deals like this is won'],
])('speaks of deals as of deals: %s', async (state, verdict, odds) => {
  const element = await panel(STATES[state]);

  expect(texts(element, '.call')).toEqual([verdict]);
  expect(texts(element, '.odds')).toEqual([odds]);
});

it.each([
  ['hot', 'Call first', 'Score 91 of 99, Grade A', 'About 3 in 10 like this win', '34%'],
  ['warm', 'Worth a call', 'Score 68 of 99, Grade B', 'About 1 in 8 like this win', '12%'],
  ['fair', 'Not now, nurture', 'Score 41 of 99, Grade C', 'About 1 in 21 like this win', '4.8%'],
  ['cold', 'Not now, nurture', 'Score 14 of 99, Grade D', 'Fewer than 1 in 100 like this win', '0.6%'],
])('says of a %s lead what to do, and how likely a win is', async (state, verdict, spoken, odds, percent) => {
  const element = await panel(STATES[state]);

  expect(texts(element, '.call')).toEqual([verdict]);
  expect(all(element, '[role="img"]')[0].getAttribute('aria-label')).toBe(spoken);
  expect(texts(element, '.odds')).toEqual([odds]);
  expect(texts(element, '.likelihood strong')).toEqual([percent]);
});

it('lists what speaks for and against it under headings of their own, with the effects', async () => {
  const element = await panel(STATES.hot);

  const [speaksFor, against] = all(element, 'section.box');
  expect(speaksFor.querySelector('h3').textContent).toBe('+Speaks for it');
  expect([...speaksFor.querySelectorAll('li .text')].map((one) => one.textContent)).toEqual([
    'Campaign responses: 3',
    'Job title: VP of Sales',
    'Industry: Banking',
  ]);
  expect(against.querySelector('h3').textContent).toBe('\u2212Speaks against it');
  expect([...against.querySelectorAll('li .effect')].map((one) => one.textContent)).toEqual([
    '35% less likely',
    'slightly less likely',
  ]);
});

it('shows four reasons of a side, and all of them when asked', async () => {
  const element = await panel(STATES.cold);
  const [button] = all(element, 'button');

  expect(button.textContent).toBe('Show all 6');
  expect(button.getAttribute('aria-expanded')).toBe('false');
  expect(texts(element, '.against .text')).toHaveLength(4);

  button.click();
  await Promise.resolve();

  expect(button.textContent).toBe('Show fewer');
  expect(button.getAttribute('aria-expanded')).toBe('true');
  expect(texts(element, '.against .text')).toHaveLength(6);
});

it.each([
  [
    'hot',
    'up',
    '\u25b2 Up 12',
    'since 3 Nov 2026',
    ['+9 Campaign responses 0 \u2192 2', '+3 Industry Retail \u2192 Banking'],
  ],
  ['cold', 'down', '\u25bc Down 8', 'since 20 Oct 2026', ['\u22128 Last activity 150 days ago \u2192 190 days ago']],
  ['fair', 'down', '\u25bc Down 3', 'since 18 Nov 2026', []],
])('tells of a %s lead that its score went %s, and why', async (state, direction, move, since, causes) => {
  const element = await panel(STATES[state]);

  expect(texts(element, `.move.${direction}`)).toEqual([move]);
  expect(texts(element, '.since')).toEqual([since]);
  expect(texts(element, '.cause')).toEqual(causes);
});

it('places it by fit and engagement, in words and numbers', async () => {
  const element = await panel(STATES.warm);

  expect(texts(element, '.quadrant .name')).toEqual(['Good fit, quiet']);
  expect(texts(element, '.axis dd')).toEqual(['81', '31']);
});

it('says when, by which model and where to', async () => {
  const element = await panel(STATES.hot);

  expect(texts(element, '.fact dt')).toEqual(['Scored', 'Route', 'Model', 'Model learned']);
  expect(texts(element, '.fact dd')).toEqual(['2 days ago', 'Sales', '20261124-ab12', 'Nov 24, 2026']);
});

it('names a route of the customer as it is', async () => {
  expect(texts(await panel(STATES.routed), '.call')).toEqual(['Goes to Partner desk']);
});

it.each([
  ['notScored', 'Not scored yet', "The score appears here after Truegrade's next sync."],
  [
    'companyNotScored',
    'Not scored yet',
    'No open lead of this company has a score yet. It appears here after the sync that scores one.',
  ],
  [
    'dealNotScored',
    'Not scored yet',
    "The score appears here after Truegrade's next sync. Closed deals are not scored.",
  ],
  [
    'noAccess',
    'You cannot see this score',
    "Ask your admin for access to Truegrade's fields: Truegrade User. " +
      'If nobody sees a score here, records of this kind are not scored.',
  ],
  [
    'error',
    'The score could not be loaded',
    'Reload the page. If this stays, tell your admin; the record itself is fine.',
  ],
])('stays calm when there is nothing to show: %s', async (state, heading, text) => {
  const element = await panel(STATES[state]);

  expect(texts(element, '.note .heading')).toEqual([heading]);
  expect(texts(element, '.note .text')).toEqual([text]);
  expect(all(element, '.verdict')).toEqual([]);
});

it('says that it is loading, also to a screen reader', async () => {
  const element = await panel(STATES.loading);

  expect(texts(element, '[role="status"]')).toEqual(['Loading the score']);
  expect(all(element, 'article')[0].getAttribute('aria-busy')).toBe('true');
});

it('says so when points make the score, and promises no likelihood', async () => {
  const element = await panel(STATES.tooLittle);

  expect(texts(element, '.aside .heading')).toEqual(['No likelihood yet']);
  expect(all(element, '.odds')).toEqual([]);
  expect(texts(element, '.box.for .effect')).toEqual(['+15 points', '+5 points']);
  expect(texts(element, '.box.against .effect')).toEqual(['\u221210 points']);
  expect(all(element, '.quadrant')).toEqual([]);
});

it('says how old an old score is, from the day on that the admin has set', async () => {
  const element = await panel(STATES.stale);
  expect(texts(element, '.aside .heading')).toEqual(['This score is 55 days old']);

  const patient = createElement('c-truegrade-score', { is: TruegradeScore });
  Object.assign(patient, { recordId: '00Q', objectApiName: 'Lead', staleAfterDays: 60 });
  document.body.appendChild(patient);
  getRecord.emit(salesforceRecord(STATES.stale.values));
  await Promise.resolve();
  expect(all(patient, '.aside')).toEqual([]);
});

it.each([
  ['byHand', 'Decided by a person', 'Set by hand until 31 Dec 2026: key account, ask Kim first', 'Call first'],
  ['disqualified', 'Decided by a rule', 'Disqualified: works for a competitor', 'Do not pursue'],
])('says who decided before any model did: %s', async (state, decided, because, verdict) => {
  const element = await panel(STATES[state]);

  expect(texts(element, '.decided')).toEqual([decided]);
  expect(texts(element, '.because')).toEqual([because]);
  expect(texts(element, '.call')).toEqual([verdict]);
  expect(texts(element, 'li .text')).not.toContain(because);
  expect(all(element, '.aside')).toEqual([]);
});

it('gives the one reason that may be seen', async () => {
  const element = await panel(STATES.onlyTopReason);

  expect(texts(element, '.because')).toEqual([STATES.hot.values.top_reason]);
  expect(all(element, '.aside')).toEqual([]);
});
