/** Stands in for lightning/navigation: keeps where a component wants to go, and stays. */
export const visited = [];

export const NavigationMixin = (Base) =>
  class extends Base {
    [NavigationMixin.Navigate](target) {
      visited.push(target);
    }
  };
NavigationMixin.Navigate = Symbol('Navigate');
