// What may we give, and what has it cost? A list of offers, one offer in depth, and a new one.
import { Route, Routes } from 'react-router';
import { NewOffer } from './new-offer.tsx';
import { OfferDetail } from './offer-detail.tsx';
import { OfferList } from './offer-list.tsx';

export function Page() {
  return (
    <Routes>
      <Route index element={<OfferList />} />
      <Route path="new" element={<NewOffer />} />
      <Route path=":offerId" element={<OfferDetail />} />
    </Routes>
  );
}
