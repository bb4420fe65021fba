import { LightningElement, api } from 'lwc';

/** A ring that is as full as the score is high, with the score and the grade in it. */
export default class TruegradeDial extends LightningElement {
    /** 1 to 99; null where it may not be seen. */
    @api score;
    @api grade;
    /** 'best', 'good', 'fair' or 'none': which colour the ring has. */
    @api tone;
    /** What a screen reader says. */
    @api spoken;

    get arc() {
        return `${this.score ?? 0} 100`; // the ring's radius makes it 100 long
    }

    get ring() {
        return `ring ${this.tone}`;
    }

    get hasScore() {
        return this.score !== null;
    }
}
