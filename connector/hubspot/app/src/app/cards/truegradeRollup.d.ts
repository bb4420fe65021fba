import type { Values } from './truegradeReading.js';

export interface Leads {
  heading: string;
  best: string | null;
  open: string;
  grades: { key: string; count: string }[];
}

export interface Group {
  heading: string;
  share: number | null;
  percent: string;
  text: string;
}

export interface Rollup {
  leads: Leads | null;
  group: Group | null;
}

export function rollupOf(values: Values, options: { words: Record<string, string>; locale: string }): Rollup;
