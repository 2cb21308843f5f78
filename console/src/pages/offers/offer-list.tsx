// Every offer with what is given, what is still owed and what it has cost.
import { Tag } from 'antd';
import { Link } from 'react-router';
import type { OfferFigures } from '../../../../src/http/contract/offers.ts';
import { useApi } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { ListPage } from '../../frame/list-page.tsx';
import { Figure, Section } from '../../frame/page-frame.tsx';
import { ShareBar } from '../../frame/share-bar.tsx';
import { useMay } from '../../session/session.tsx';
import { useTerms } from '../../words/terms.ts';
import { Till } from './till.tsx';
import { useTermsText } from './terms-text.ts';
import { useWords } from './words.ts';
import './offers.css';

const total = (offers: readonly OfferFigures[], of: (offer: OfferFigures) => number): number =>
  offers.reduce((sum, offer) => sum + of(offer), 0);

export function OfferList() {
  const say = useWords();
  const format = useFormat();
  const mayWrite = useMay()('offers.write');
  const offers = useApi('GET /offers');
  return (
    <ListPage
      title={say('title')}
      question={say('question')}
      intro={say('intro')}
      create={mayWrite ? { label: say('create'), to: '/offers/new' } : undefined}
      query={offers}
      isEmpty={(data) => data.offers.length === 0}
      none={{ title: say('none'), text: say('none_text') }}
    >
      {({ offers: all }) => (
        <>
          <div className="figures">
            <Figure
              tone="accent"
              label={say('liability')}
              value={format.money(total(all, (offer) => offer.liabilityCents))}
              note={say('liability_note', { n: format.count(total(all, (offer) => offer.open)) })}
            />
            <Figure
              label={say('spent')}
              value={format.money(total(all, (offer) => offer.spentCents))}
              note={say('spent_note', { n: format.count(total(all, (offer) => offer.redeemed)) })}
            />
            <Figure
              label={say('expiring')}
              value={format.count(total(all, (offer) => offer.expiringSoon))}
              note={say('expiring_note')}
            />
          </div>
          <Till />
          <div className="offers-list">
            {all.map((offer) => (
              <OfferCard key={offer.offer.offerId} figures={offer} />
            ))}
          </div>
        </>
      )}
    </ListPage>
  );
}

function OfferCard({ figures }: { readonly figures: OfferFigures }) {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const termsText = useTermsText();
  const { offer, closedAt } = figures;
  return (
    <Section
      title={offer.name}
      text={termsText(offer.terms)}
      actions={
        <span className="offers-tags">
          <Tag>{term('offer_kind', offer.terms.kind)}</Tag>
          {closedAt === null ? null : <Tag>{say('closed')}</Tag>}
          <Link to={`/offers/${offer.offerId}`}>{say('open', { name: offer.name })}</Link>
        </span>
      }
    >
      <div className="offers-bars">
        <ShareBar
          label={say('given')}
          part={figures.granted}
          whole={offer.capacity}
          text={say('of', { part: format.count(figures.granted), whole: format.count(offer.capacity) })}
        />
        <ShareBar
          label={say('budget')}
          part={figures.committedCents}
          whole={offer.budgetCents}
          text={say('of', { part: format.money(figures.committedCents), whole: format.money(offer.budgetCents) })}
        />
        <ShareBar
          label={say('redeemed')}
          part={figures.redeemed}
          whole={figures.granted}
          text={say('of', { part: format.count(figures.redeemed), whole: format.count(figures.granted) })}
        />
      </div>
    </Section>
  );
}
