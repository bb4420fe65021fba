import {
  Accordion,
  Alert,
  Box,
  DescriptionList,
  DescriptionListItem,
  Divider,
  Flex,
  Heading,
  List,
  ProgressBar,
  ScoreCircle,
  StatusTag,
  Tag,
  Text,
} from '@hubspot/ui-extensions';

import { Company } from './Company';
import { Reasons } from './Reasons';
import type { Rollup } from './truegradeRollup.js';
import type { Change, Move, Placed, Scored } from './truegradeShown.js';
import { said } from './truegradeShown.js';
import type { Words } from './words';

const MOST = 99; // a score's
const TONES = { best: 'success', good: 'info', fair: 'warning', none: 'default' } as const;

interface VerdictProps {
  shown: Scored;
  words: Words;
}

interface PanelProps extends VerdictProps {
  rollup: Rollup;
}

/** The card of a record that has a score: the verdict first, then why, then where the score comes from. */
export function Panel({ shown, rollup, words }: PanelProps) {
  return (
    <Flex direction="column" gap="md">
      <Verdict shown={shown} words={words} />
      {shown.notices.map((notice) => (
        <Alert key={notice.key} title={notice.title} variant={notice.key === 'stale' ? 'warning' : 'info'}>
          {notice.text}
        </Alert>
      ))}
      <Company rollup={rollup} />
      {shown.sides.map((side) => (
        <Reasons key={side.key} side={side} words={words} />
      ))}
      {shown.change && <Changed change={shown.change} />}
      {shown.map && <FitAndEngagement map={shown.map} />}
      <Divider />
      <DescriptionList direction="row">
        {shown.facts.map((fact) => (
          <DescriptionListItem key={fact.key} label={fact.label}>
            <Text>{fact.value}</Text>
          </DescriptionListItem>
        ))}
      </DescriptionList>
      <Accordion title={words.help} size="xs">
        <List variant="unordered-styled">
          {shown.help.map((line) => (
            <Text key={line.key}>{line.text}</Text>
          ))}
        </List>
      </Accordion>
    </Flex>
  );
}

function Verdict({ shown, words }: VerdictProps) {
  return (
    <Flex direction="row" gap="md" align="center">
      {shown.score !== null && <ScoreCircle score={shown.score} />}
      <Box flex={1}>
        <Flex direction="column" gap="xs">
          <Heading>{shown.verdict}</Heading>
          {shown.grade && <Tag variant={TONES[shown.tone]}>{said(words.grade, shown.grade)}</Tag>}
          {shown.because && <Text>{shown.because}</Text>}
          {shown.decided && <Text variant="microcopy">{shown.decided}</Text>}
          {shown.odds && <Text>{shown.odds}</Text>}
          {shown.percent && (
            <Text variant="microcopy">
              {shown.percentLabel} {shown.percent}
            </Text>
          )}
          {shown.move && <Moved move={shown.move} />}
        </Flex>
      </Box>
    </Flex>
  );
}

function Moved({ move }: { move: Move }) {
  return (
    <Flex direction="row" gap="sm" align="center" wrap>
      <StatusTag variant={move.direction === 'up' ? 'success' : 'danger'}>{move.text}</StatusTag>
      <Text variant="microcopy">{move.since}</Text>
    </Flex>
  );
}

function Changed({ change }: { change: Change }) {
  return (
    <Flex direction="column" gap="xs">
      <Text format={{ fontWeight: 'demibold' }}>{change.heading}</Text>
      {change.text && <Text>{change.text}</Text>}
      {change.causes.length > 0 && (
        <List variant="unordered-styled">
          {change.causes.map((cause) => (
            <Text key={cause.key}>
              <Text inline format={{ fontWeight: 'demibold' }}>
                {cause.points}
              </Text>{' '}
              {cause.text}
            </Text>
          ))}
        </List>
      )}
    </Flex>
  );
}

function FitAndEngagement({ map }: { map: Placed }) {
  return (
    <Flex direction="column" gap="xs">
      <Text format={{ fontWeight: 'demibold' }}>{map.heading}</Text>
      <Text>{map.name}</Text>
      {map.axes.map((axis) => (
        <ProgressBar
          key={axis.key}
          title={axis.label}
          aria-label={axis.label}
          value={axis.value}
          maxValue={MOST}
          valueDescription={String(axis.value)}
        />
      ))}
    </Flex>
  );
}
