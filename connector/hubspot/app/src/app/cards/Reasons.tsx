import { Button, Flex, Icon, List, Text } from '@hubspot/ui-extensions';
import { useState } from 'react';

import type { Side } from './truegradeShown.js';
import { said } from './truegradeShown.js';
import type { Words } from './words';

const FIRST = 4; // so many reasons tell a rep why; the others wait behind a button

interface ReasonsProps {
  side: Side;
  words: Words;
}

/** The reasons of one side, as a list: what, and by how much. */
export function Reasons({ side, words }: ReasonsProps) {
  const [isOpen, setIsOpen] = useState(false);
  const reasons = isOpen ? side.reasons : side.reasons.slice(0, FIRST);
  return (
    <Flex direction="column" gap="xs">
      <Flex direction="row" gap="xs" align="center">
        <Icon name={side.key === 'for' ? 'add' : 'remove'} color={side.key === 'for' ? 'success' : 'alert'} />
        <Text format={{ fontWeight: 'demibold' }}>{side.heading}</Text>
      </Flex>
      <List variant="unordered-styled">
        {reasons.map((reason) => (
          <Flex key={reason.key} direction="column">
            <Text>{reason.text}</Text>
            {reason.effect && <Text variant="microcopy">{reason.effect}</Text>}
          </Flex>
        ))}
      </List>
      {side.reasons.length > FIRST && (
        <Button variant="transparent" size="xs" onClick={() => setIsOpen(!isOpen)}>
          {isOpen ? words.showFewer : said(words.showAll, side.reasons.length)}
        </Button>
      )}
    </Flex>
  );
}
