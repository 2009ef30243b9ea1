/**
 * Edits that turn one text into the other, by code points: insert, delete, replace, or swap two neighbours, each piece edited
 * once (optimal string alignment; Damerau 1964, Communications of the ACM 7:171-176). Texts further apart than `most` give `most + 1`.
 */
export function typingDistance(left: string, right: string, most: number): number {
  const [a, b] = [[...left], [...right]];
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let distance = Math.min(above[column - 1]! + (same ? 0 : 1), above[column]! + 1, current[column - 1]! + 1);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) distance = Math.min(distance, before[column - 2]! + 1);
      current.push(distance);
      if (distance < least) least = distance;
    }
    if (least > most) return most + 1;
    before = above;
    above = current;
  }
  return Math.min(above[b.length]!, most + 1);
}
