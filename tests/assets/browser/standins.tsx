/**
 * Stands in for HubSpot's components in a browser: HubSpot renders cards in its own page and publishes no renderer, so
 * these are plain HTML in roughly its look. They prove order, headings, wrapping and that nothing is lost; not pixels.
 */

import type { ReactNode } from 'react';
import { useId } from 'react';

type Props = Record<string, unknown> & { children?: ReactNode };

function classes(name: string, props: Props, ...keys: string[]) {
  return [name, ...keys.map((key) => props[key] && `${name}-${key}-${props[key]}`)].filter(Boolean).join(' ');
}

export const Flex = (props: Props) => (
  <div className={classes('flex', props, 'direction', 'gap', 'align', 'wrap')}>{props.children}</div>
);
export const Box = (props: Props) => <div className="box">{props.children}</div>;
export const Divider = () => <hr />;
export const Heading = ({ children }: Props) => <h3>{children}</h3>;
export const Text = (props: Props) => {
  const format = props.format as { fontWeight?: string } | undefined;
  return <span className={`${classes('text', props, 'variant')} ${format?.fontWeight ?? ''}`}>{props.children}</span>;
};
export const Tag = (props: Props) => <span className={classes('tag', props, 'variant')}>{props.children}</span>;
export const StatusTag = (props: Props) => (
  <span className={classes('status', props, 'variant')}>{props.children}</span>
);
export const Icon = (props: Props) => (
  <span className={classes('icon', props, 'color')} aria-hidden="true">
    {props.name === 'add' ? '+' : '\u2212'}
  </span>
);
export const List = ({ children }: Props) => (
  <ul>
    {(Array.isArray(children) ? children : [children]).map((child, place) => (
      <li key={place}>{child}</li>
    ))}
  </ul>
);
export const Button = (props: Props) => (
  <button type="button" onClick={props.onClick as () => void}>
    {props.children}
  </button>
);
export const CrmActionLink = ({ children }: Props) => <button type="button">{children}</button>;
export const ScoreCircle = ({ score }: { score: number }) => (
  <div className="circle" role="img" aria-label={String(score)}>
    <svg viewBox="0 0 36 36" aria-hidden="true">
      <circle className="track" cx="18" cy="18" r="15.9155" />
      <circle className="arc" cx="18" cy="18" r="15.9155" strokeDasharray={`${score} 100`} />
    </svg>
    <span>{score}</span>
  </div>
);
export const ProgressBar = (props: { title: string; value: number; maxValue: number; valueDescription: string }) => (
  <div className="progress">
    <span className="between">
      <span>{props.title}</span>
      <span>{props.valueDescription}</span>
    </span>
    <progress aria-label={props.title} value={props.value} max={props.maxValue} />
  </div>
);
export const Alert = (props: Props) => {
  const id = useId();
  return (
    <section className={classes('alert', props, 'variant')} aria-labelledby={id}>
      <strong id={id}>{props.title as string}</strong>
      <div>{props.children}</div>
    </section>
  );
};
export const DescriptionList = ({ children }: Props) => <dl>{children}</dl>;
export const DescriptionListItem = (props: Props) => (
  <div>
    <dt>{props.label as string}</dt>
    <dd>{props.children}</dd>
  </div>
);
export const Accordion = (props: Props) => (
  <details>
    <summary>{props.title as string}</summary>
    {props.children}
  </details>
);
const State = (props: Props) => (
  <div className="state">
    <h3>{props.title as string}</h3>
    {props.children}
  </div>
);
export const EmptyState = State;
export const ErrorState = State;
export const LoadingSpinner = (props: { label: string }) => (
  <div className="state" role="status">
    <span className="spinner" aria-hidden="true" />
    {props.label}
  </div>
);

/** Gives the properties that the page was opened with. */
export function useCrmProperties() {
  const { properties, fails, waits } = (globalThis as unknown as { TRUEGRADE: Record<string, never> }).TRUEGRADE;
  return { properties: properties ?? {}, error: fails ? new Error('no') : null, isLoading: Boolean(waits) };
}
