import type { Texts } from '../texts';
import type { Observation, PublishedContest, VoteField } from '../tree/wire';
import type { PublishedActa } from '../tree/seccion';

const WITHOUT_ACTA: ReadonlySet<Observation> = new Set([
  'sin_acta_paquete_no_entregado',
  'sin_acta_casilla_no_instalada',
  'sin_acta_paquete_sin_bolsa',
  'sin_acta_contingencia_urna',
]);

/** Why an acta counts or not, in words; the same rules as `openprep.election.counting`. */
export function reasonOf(
  published: PublishedActa,
  contest: PublishedContest,
  texts: Texts,
): string {
  const { acta, counting, expected } = published;
  const reasons = texts.countingReasons;
  if (!acta || counting === -1) return reasons.notCaptured;
  if (counting === 2) return reasons.outOfCatalogue;
  if (counting === 0) return notCounted(published, texts);
  const isRp = contest.rp_tipos.includes(expected.tipo_acta);
  return isRp && contest.rp_actas === 'entity_only' ? reasons.entityOnly : reasons.counted;
}

function notCounted({ acta, expected, total }: PublishedActa, texts: Texts): string {
  const reasons = texts.countingReasons;
  if (acta?.observations?.some((observation) => WITHOUT_ACTA.has(observation)))
    return reasons.withoutActa;
  if (!acta?.votes.some((field) => typeof field === 'number')) return reasons.nothingToAdd;
  const representatives = expected.representatives ?? 0;
  return expected.kind === 'S'
    ? reasons.excessSpecial(total, representatives)
    : reasons.excess(total, expected.lista_nominal, representatives);
}

/** TOTAL_VOTOS_CALCULADO: fields without a count add 0. */
export function calculatedTotal(votes: readonly VoteField[]): number {
  return votes.reduce<number>((sum, field) => sum + (typeof field === 'number' ? field : 0), 0);
}
