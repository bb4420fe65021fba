import { Flex, ProgressBar, Tag, Text } from '@hubspot/ui-extensions';
import { CrmActionLink } from '@hubspot/ui-extensions/crm';

import type { Group, Leads, Rollup } from './truegradeRollup.js';

const CONTACT = '0-1';
const TONES = new Map([
  ['A', 'success'],
  ['B', 'info'],
  ['C', 'warning'],
] as const);

/** What a company has besides a score: its open leads by grade, the best one, and who of a buying group is there. */
export function Company({ rollup }: { rollup: Rollup }) {
  return (
    <>
      {rollup.leads && <OpenLeads leads={rollup.leads} />}
      {rollup.group && <BuyingGroup group={rollup.group} />}
    </>
  );
}

function OpenLeads({ leads }: { leads: Leads }) {
  return (
    <Flex direction="column" gap="xs">
      <Text format={{ fontWeight: 'demibold' }}>{leads.heading}</Text>
      <Flex direction="row" gap="xs" wrap>
        {leads.grades.map((grade) => (
          <Tag key={grade.key} variant={TONES.get(grade.key as 'A') ?? 'default'}>
            {`${grade.key}: ${grade.count}`}
          </Tag>
        ))}
      </Flex>
      {leads.best && (
        <CrmActionLink
          actionType="PREVIEW_OBJECT"
          actionContext={{ objectTypeId: CONTACT, objectId: Number(leads.best) }}
        >
          {leads.open}
        </CrmActionLink>
      )}
    </Flex>
  );
}

function BuyingGroup({ group }: { group: Group }) {
  return (
    <Flex direction="column" gap="xs">
      {group.share === null ? (
        <Text format={{ fontWeight: 'demibold' }}>{group.heading}</Text>
      ) : (
        <ProgressBar
          title={group.heading}
          aria-label={group.heading}
          value={group.share}
          maxValue={1}
          valueDescription={group.percent}
        />
      )}
      {group.text && <Text>{group.text}</Text>}
    </Flex>
  );
}
