import { LightningElement, api } from 'lwc';

const SIDE = 100; // of the map; scores run from 1 to 99

/** Where a record lies by fit (to the right) and engagement (upwards), beside the same in words and numbers. */
export default class TruegradeQuadrant extends LightningElement {
  /** { heading, name, fit, engagement, axes: [{ key, label, value, arrow }] }. */
  @api map;

  get x() {
    return this.map.fit;
  }

  get y() {
    return SIDE - this.map.engagement;
  }

  get corner() {
    return { x: this.map.fit >= SIDE / 2 ? SIDE / 2 : 0, y: this.map.engagement >= SIDE / 2 ? 0 : SIDE / 2 };
  }
}
