// Who went quiet and who came back, month by month: small columns of our own, because the first page must not carry a chart library.
import type { OverviewReady } from '../../../../src/http/contract/overview.ts';
import { useFormat } from '../../format/use-format.ts';
import { useLanguage } from '../../words/language.ts';
import { useWords } from './words.ts';

export function Months({ months }: Pick<OverviewReady, 'months'>) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const most = Math.max(...months.flatMap(({ becameDormant, returned }) => [becameDormant, returned]), 1);
  const name = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { month: 'short', timeZone: 'UTC' });
  return (
    <figure className="months">
      <figcaption className="months-legend">
        <span className="months-key months-quiet">{say('became_dormant')}</span>
        <span className="months-key months-back">{say('came_back')}</span>
      </figcaption>
      <div className="months-scroll" tabIndex={0} role="region" aria-label={say('months')}>
        <table className="months-table">
          <thead className="visually-hidden">
            <tr>
              <th scope="col">{say('month')}</th>
              <th scope="col">{say('became_dormant')}</th>
              <th scope="col">{say('came_back')}</th>
            </tr>
          </thead>
          <tbody>
            {months.map(({ month, becameDormant, returned }) => (
              <tr key={month}>
                <th scope="row">{name.format(new Date(`${month}T00:00:00Z`))}</th>
                <td>
                  <span className="months-value tabular">{format.count(becameDormant)}</span>
                  <span className="months-bar months-quiet" style={{ height: `${(becameDormant / most) * 130}px` }} />
                </td>
                <td>
                  <span className="months-value tabular">{format.count(returned)}</span>
                  <span className="months-bar months-back" style={{ height: `${(returned / most) * 130}px` }} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
