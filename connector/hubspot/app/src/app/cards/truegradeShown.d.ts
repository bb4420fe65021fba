import type { Reading } from './truegradeReading.js';

export interface Reason {
  key: string;
  text: string;
  effect: string;
  strength: number;
}

export interface Side {
  key: 'for' | 'against';
  heading: string;
  sign: string;
  reasons: Reason[];
}

export interface Move {
  direction: 'up' | 'down';
  arrow: string;
  text: string;
  since: string;
}

export interface Change {
  heading: string;
  text: string;
  causes: { key: string; text: string; points: string }[];
}

export interface Placed {
  heading: string;
  name: string;
  axes: { key: string; label: string; value: number }[];
}

export interface Scored {
  state: 'scored';
  score: number | null;
  grade: string | null;
  tone: 'best' | 'good' | 'fair' | 'none';
  spoken: string;
  verdict: string;
  odds: string | null;
  percent: string | null;
  percentLabel: string;
  decided: string | null;
  because: string | null;
  notices: { key: 'stale' | 'tooLittle'; title: string; text: string }[];
  sides: Side[];
  move: Move | null;
  change: Change | null;
  map: Placed | null;
  facts: { key: string; label: string; value: string }[];
  help: { key: string; text: string }[];
}

export type Shown =
  | { state: 'loading'; text: string }
  | { state: 'noAccess' | 'notScored' | 'error'; note: { title: string; text: string } }
  | Scored;

export function shownOf(
  reading: Reading,
  options: { words: Record<string, string>; locale: string; access: string },
): Shown;

export function said(text: string, ...values: unknown[]): string;
