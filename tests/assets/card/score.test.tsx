import {
  Alert,
  Button,
  DescriptionListItem,
  EmptyState,
  ErrorState,
  Heading,
  List,
  LoadingSpinner,
  ProgressBar,
  ScoreCircle,
  StatusTag,
  Tag,
  Text,
} from '@hubspot/ui-extensions';
import { CrmActionLink } from '@hubspot/ui-extensions/crm';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import { expect, it } from 'vitest';

import { propertiesOf } from '../../hubspot/src/app/cards/fields';
import { Score } from '../../hubspot/src/app/cards/Score';
import { hubspotProperties, OBJECT_TYPES } from '../records.mjs';
import { NOW, STATES } from '../states.mjs';

type Name = keyof typeof STATES;

interface State {
  kind?: 'company' | 'deal';
  values?: Record<string, unknown>;
  fails?: boolean;
  waits?: boolean;
}

function card(name: Name, language = 'en') {
  const state: State = STATES[name];
  const renderer = createRenderer('crm.record.sidebar');
  const asked: string[][] = [];
  renderer.mocks.useCrmProperties.willCall((names: string[]) => {
    asked.push(names);
    return {
      properties: hubspotProperties(state.values ?? {}),
      error: state.fails ? new Error('no') : null,
      isLoading: Boolean(state.waits),
      isRefetching: false,
      refetch: async () => undefined,
    };
  });
  const { mocks } = renderer;
  const user = { ...mocks.context.user, language, locale: language };
  const crm = { objectId: 1, objectTypeId: OBJECT_TYPES[state.kind ?? 'lead'] };
  renderer.render(<Score context={{ user, crm }} now={NOW} />);
  const texts = () => renderer.findAll(Text).map((text) => text.text);
  return { renderer, asked, texts };
}

it('asks for our own properties alone', () => {
  const [person] = card('hot').asked;
  const [company] = card('company').asked;

  expect(person).toEqual(propertiesOf('lead'));
  expect(person).toHaveLength(12);
  expect(company).toHaveLength(11);
  expect([...person, ...company].filter((name) => !name.startsWith('tg_'))).toEqual([]);
});

it('sums up a company: the best lead, how many by grade, and who decides there', () => {
  const { renderer, texts } = card('company');

  expect(renderer.find(Heading).text).toBe('Call first');
  expect(texts()).toEqual(
    expect.arrayContaining([
      'About 4 in 10 companies like this are won',
      '7 open leads, the best scores 91 (A); nobody from finance yet.',
      'Open leads',
      '2 of 4 roles: decision maker, user; nobody from finance, IT',
    ]),
  );
  expect(renderer.findAll(Tag).map((tag) => tag.text)).toEqual(['Grade A', 'A: 1', 'B: 2', 'C: 4']);
  expect(renderer.find(CrmActionLink).props).toMatchObject({
    actionType: 'PREVIEW_OBJECT',
    actionContext: { objectTypeId: '0-1', objectId: 501 },
  });
  expect(renderer.find(ProgressBar).props).toMatchObject({ title: 'Buying group', valueDescription: '50%' });
});

it('speaks of deals as of deals', () => {
  expect(card('deal').renderer.find(Heading).text).toBe('Focus here first');
  expect(card('dealCold').texts()).toContain('About 1 in 32 deals like this is won');
  expect(card('dealStale').renderer.find(Alert).text).toContain('no more once the deal is closed');
});

it.each([
  ['hot', 91, 'Call first', 'Grade A', 'About 3 in 10 like this win', 'Likelihood 34%'],
  ['warm', 68, 'Worth a call', 'Grade B', 'About 1 in 8 like this win', 'Likelihood 12%'],
  ['fair', 41, 'Not now, nurture', 'Grade C', 'About 1 in 21 like this win', 'Likelihood 4.8%'],
  ['cold', 14, 'Not now, nurture', 'Grade D', 'Fewer than 1 in 100 like this win', 'Likelihood 0.6%'],
] as const)(
  'says of a %s contact what to do, and how likely a win is',
  (name, score, verdict, grade, odds, percent) => {
    const { renderer, texts } = card(name);

    expect(renderer.find(ScoreCircle).props.score).toBe(score);
    expect(renderer.find(Heading).text).toBe(verdict);
    expect(renderer.find(Tag).text).toBe(grade);
    expect(texts()).toContain(odds);
    expect(texts()).toContain(percent);
  },
);

it('lists what speaks for and against it, with the effects', () => {
  const { renderer } = card('hot');
  const [speaksFor, against] = renderer.findAll(List);

  expect(speaksFor.findAll(Text).map((text) => text.text)).toEqual([
    'Campaign responses: 3',
    '3.4 times as likely',
    'Job title: VP of Sales',
    '2.1 times as likely',
    'Industry: Banking',
    '1.4 times as likely',
  ]);
  expect(against.findAll(Text)[1].text).toBe('35% less likely');
});

it('shows four reasons of a side, and all of them when asked', async () => {
  const { renderer, texts } = card('cold');
  expect(renderer.find(Button).text).toBe('Show all 6');
  expect(texts()).not.toContain('Country: Chile');

  renderer.find(Button).trigger('onClick');

  await renderer.waitFor(() => expect(renderer.find(Button).text).toBe('Show fewer'));
  expect(texts()).toContain('Country: Chile');
});

it.each([
  ['hot', 'success', 'Up 12', 'since 3 Nov 2026', 'Industry Retail \u2192 Banking', '+3'],
  ['cold', 'danger', 'Down 8', 'since 20 Oct 2026', 'Last activity 150 days ago \u2192 190 days ago', '\u22128'],
] as const)('tells of a %s contact how its score moved, and why', (name, variant, move, since, cause, points) => {
  const { renderer, texts } = card(name);

  expect(renderer.find(StatusTag).props.variant).toBe(variant);
  expect(renderer.find(StatusTag).text).toBe(move);
  expect(texts()).toContain(since);
  expect(texts().map((text) => text?.trim())).toEqual(expect.arrayContaining([cause, points]));
});

it('places it by fit and engagement, and says when, by which model and where to', () => {
  const { renderer, texts } = card('warm');

  expect(texts()).toContain('Good fit, quiet');
  expect(renderer.findAll(ProgressBar).map((bar) => bar.props.valueDescription)).toEqual(['81', '31']);
  expect(renderer.findAll(DescriptionListItem).map((item) => `${item.props.label}: ${item.find(Text).text}`)).toEqual([
    'Scored: 2 days ago',
    'Route: Sales',
    'Model: 20261124-ab12',
    'Model learned: Nov 24, 2026',
  ]);
});

it.each([
  ['stale', 'This score is 55 days old', 'warning'],
  ['tooLittle', 'No likelihood yet', 'info'],
] as const)('says what to keep in mind: %s', (name, title, variant) => {
  const { renderer } = card(name);

  expect(renderer.find(Alert).props).toMatchObject({ title, variant });
});

it.each([
  ['byHand', 'Decided by a person', 'Set by hand until 31 Dec 2026: key account, ask Kim first'],
  ['disqualified', 'Decided by a rule', 'Disqualified: works for a competitor'],
] as const)('says who decided before any model did: %s', (name, decided, because) => {
  const { renderer, texts } = card(name);

  expect(texts()).toContain(decided);
  expect(texts().filter((text) => text === because)).toHaveLength(1);
  expect(renderer.maybeFind(Alert)).toBeNull();
});

it('stays calm when there is nothing to show', () => {
  expect(card('notScored').renderer.find(EmptyState).props.title).toBe('Not scored yet');
  expect(card('noAccess').renderer.find(ErrorState).props).toMatchObject({
    title: 'You cannot see this score',
    type: 'lock',
  });
  expect(card('noAccess').texts()).toEqual([
    "Ask your admin for access to Truegrade's fields: tg_*. " +
      'If nobody sees a score here, records of this kind are not scored.',
  ]);
  expect(card('error').renderer.find(ErrorState).props.title).toBe('The score could not be loaded');
  expect(card('loading').renderer.find(LoadingSpinner).props.label).toBe('Loading the score');
});

it.each([
  ['de', 'Zuerst anrufen', 'Wahrscheinlichkeit 34 %'],
  ['fr', 'À appeler en premier', 'Probabilité 34 %'],
  ['es', 'Llamar primero', 'Probabilidad 34 %'],
  ['pt-br', 'Ligar primeiro', 'Probabilidade 34%'],
  ['ja', 'Call first', 'Likelihood 34%'],
] as const)('speaks the language of the user: %s', (language, verdict, percent) => {
  const { renderer, texts } = card('hot', language);

  expect(renderer.find(Heading).text).toBe(verdict);
  expect(texts().map((text) => text?.replace(/\s/g, ' '))).toContain(percent);
});
