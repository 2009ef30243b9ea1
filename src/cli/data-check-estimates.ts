import type { DataCheckDocument } from '#data/check-data-document.ts';
import { publishedPrices } from '#economics/price-book.ts';

/** What a service would ask for one training on this file. Dollars are absent where no source gives a price. */
export interface TrainingEstimate {
  readonly model: string;
  readonly tokens: number;
  readonly epochs: number;
  readonly dollars?: number;
  readonly perMillion?: number;
  readonly source: string;
  readonly asOf: string;
  readonly secondHand: boolean;
  readonly tuningEndsOn?: string;
}

/** Services that bill training by tokens: those of the file times the epochs, as OpenAI, Together and Fireworks bill them. */
export function trainingEstimates(document: DataCheckDocument, epochs: number): TrainingEstimate[] {
  const total = trainedTokens(document, epochs);
  return publishedPrices().entries.flatMap(
    ({ model, trainingPerMillion, source, asOf, secondHand, tuningEndsOn, tunedPriceFactor, hostingPerHour }) => {
      const tunable =
        trainingPerMillion !== undefined || tuningEndsOn !== undefined || tunedPriceFactor !== undefined || hostingPerHour !== undefined;
      if (!tunable) return [];
      return [
        {
          model,
          tokens: total,
          epochs,
          ...(trainingPerMillion !== undefined && {
            dollars: Math.round(total * trainingPerMillion) / 1e6,
            perMillion: trainingPerMillion,
          }),
          source,
          asOf,
          secondHand,
          ...(tuningEndsOn !== undefined && { tuningEndsOn }),
        },
      ];
    },
  );
}

/** Tokens of the file times the epochs; of a sample those of the whole file, by its share. */
export function trainedTokens({ tokens, sampled }: DataCheckDocument, epochs: number): number {
  const read = typeof tokens['total'] === 'number' ? tokens['total'] : 0;
  return Math.round((sampled === undefined ? read : read / sampled.share) * epochs);
}
