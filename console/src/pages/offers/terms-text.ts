// The terms of an offer as a line, in the marketer's language and currency.
import type { OfferTerms } from '../../../../src/http/contract/offers.ts';
import { useFormat } from '../../format/use-format.ts';
import { useLanguage } from '../../words/language.ts';
import { useWords } from './words.ts';

export function useTermsText(): (terms: OfferTerms) => string {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const what = (terms: OfferTerms): string => {
    switch (terms.kind) {
      case 'coupon':
        return terms.percentOff === undefined
          ? say('terms_amount', { amount: format.money(terms.amountOffCents ?? 0) })
          : say('terms_percent', { percent: terms.percentOff, max: format.money(terms.maxDiscountCents) });
      case 'points': {
        const parts = [
          ...((terms.points ?? 0) > 0 ? [say('terms_points', { points: format.count(terms.points ?? 0) })] : []),
          ...((terms.multiplier ?? 1) > 1 ? [say('terms_multiplier', { times: terms.multiplier ?? 1 })] : []),
        ];
        return parts.join(say('terms_and'));
      }
      case 'benefit':
        return say('terms_for_days', { what: terms.benefit[language], days: terms.benefitDays });
      case 'trial':
        return say('terms_for_days', { what: terms.product[language], days: terms.trialDays });
      case 'exclusive':
        return terms.title[language];
    }
  };
  return (terms) => say('terms_valid', { what: what(terms), days: terms.validDays });
}
