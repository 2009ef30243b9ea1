/** What is known to help, in the order in which to try it. */

export const mixing =
  'general rows mixed into the training rows, by mix: { share: 0.3 } on the rung, or mix: { file: general-rows.jsonl, share: 0.3 } where none come with the model (rehearsal; Scialom et al. 2022, arXiv:2205.12393)';
export const smallerRank =
  'a smaller rank, by rank: 4 on the rung (LoRA learns less and forgets less; Biderman et al. 2024, arXiv:2405.09673)';
export const fewerEpochs = 'fewer epochs, by epochs: 1 on the rung';
export const earlyStop = 'an earlier stop, by patience: 1 on the rung';
export const lowerRate = 'a lower learning rate, by learningRate on the rung, a third of what it is';
export const moreTraining = 'more training rows, or cleaner ones: rung data check says what is wrong with those there are';

/** Against learning too much of the training rows. */
export const lessTraining: readonly string[] = [fewerEpochs, earlyStop, smallerRank];
/** Against losing what was there before. */
export const milderTraining: readonly string[] = [mixing, smallerRank, fewerEpochs, lowerRate];
