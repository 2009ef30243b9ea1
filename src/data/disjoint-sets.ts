/** Sets of row numbers that hang together (union-find with path halving). */
export interface DisjointSets {
  /** The set of an element, named by one of its elements. */
  find(element: number): number;
  join(left: number, right: number): void;
}

export function disjointSets(size: number): DisjointSets {
  const parent = Int32Array.from({ length: size }, (_, element) => element);
  const find = (element: number): number => {
    let current = element;
    while (parent[current] !== current) {
      parent[current] = parent[parent[current]!]!;
      current = parent[current]!;
    }
    return current;
  };
  return {
    find,
    join: (left, right) => {
      const [low, high] = [find(left), find(right)].sort((a, b) => a - b) as [number, number];
      parent[high] = low;
    },
  };
}
