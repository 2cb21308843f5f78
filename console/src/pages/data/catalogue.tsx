// The products that are known: how many, which, and a file of them.
import { Alert, Button, Input, Modal } from 'antd';
import { useState } from 'react';
import { useAct, useApi } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { DropFile } from '../../import/drop-file.tsx';
import { useMay } from '../../session/session.tsx';
import { useLanguage } from '../../words/language.ts';
import { useWords } from './words.ts';

const SHOWN_MAX = 30;
const REJECTS_SHOWN = 8;
const UPLOAD_BYTES_MAX = 1024 ** 3;

export function Catalogue() {
  const say = useWords();
  const format = useFormat();
  const mayImport = useMay()('data.write');
  const [query, setQuery] = useState('');
  const [isBringing, setBringing] = useState(false);
  const items = useApi('GET /catalogue', { query: { query, limit: SHOWN_MAX } }, { keepPrevious: true });
  const counts = items.data?.counts;
  return (
    <Section
      title={say('catalogue')}
      text={
        counts === undefined || counts.total === 0
          ? say('catalogue_text')
          : say('catalogue_counts', {
              total: format.count(counts.total),
              available: format.count(counts.available),
              categories: format.count(counts.categories),
            })
      }
      actions={mayImport ? <Button onClick={() => setBringing(true)}>{say('catalogue_bring')}</Button> : undefined}
    >
      {isBringing ? <BringProducts close={() => setBringing(false)} /> : null}
      {counts?.total === 0 ? (
        <Empty title={say('catalogue_empty')} text={say('catalogue_how')} />
      ) : (
        <>
          <Input.Search
            aria-label={say('catalogue_search')}
            placeholder={say('catalogue_search')}
            allowClear
            className="data-search"
            onSearch={(text) => setQuery(text.trim())}
          />
          <Loaded
            query={items}
            empty={{ when: (data) => data.items.length === 0, show: <Empty title={say('catalogue_none')} /> }}
          >
            {(data) => (
              <div className="data-scroll" tabIndex={0} role="region" aria-label={say('catalogue')}>
                <table className="data-rows">
                  <thead>
                    <tr>
                      {(['product', 'category', 'price', 'available'] as const).map((column) => (
                        <th key={column} scope="col">
                          {say(`column_${column}`)}
                        </th>
                      ))}
                    </tr>
                  </thead>
                  <tbody>
                    {data.items.map((item) => (
                      <tr key={item.itemId}>
                        <td>{item.name === '' ? item.itemId : item.name}</td>
                        <td>{item.category}</td>
                        <td className="tabular">{item.priceCents === 0 ? '' : format.money(item.priceCents)}</td>
                        <td>{item.available ? say('available') : say('sold_out')}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </Loaded>
        </>
      )}
    </Section>
  );
}

function BringProducts({ close }: { readonly close: () => void }) {
  const say = useWords();
  const language = useLanguage();
  const format = useFormat();
  const bring = useAct('POST /catalogue/uploads/{uploadId}', ['GET /catalogue']);
  return (
    <Modal open footer={null} title={say('catalogue_bring')} onCancel={close}>
      {bring.data === undefined ? (
        <>
          <p className="muted data-note">{say('catalogue_columns')}</p>
          {bring.error === null ? null : (
            <Alert type="error" showIcon className="form-alert" title={bring.error.message} />
          )}
          {bring.isPending ? (
            <p role="status">{say('catalogue_reading')}</p>
          ) : (
            <DropFile
              bytesMax={UPLOAD_BYTES_MAX}
              wanted={{ title: say('catalogue_drop'), kinds: say('catalogue_kinds') }}
              onTaken={({ uploadId }) => bring.mutate({ params: { uploadId } })}
            />
          )}
        </>
      ) : (
        <div role="status">
          <Alert
            type="success"
            showIcon
            title={say('catalogue_brought', {
              n: format.count(bring.data.imported),
              rejected: format.count(bring.data.rejected),
            })}
          />
          <ul className="data-list">
            {bring.data.rejects.slice(0, REJECTS_SHOWN).map(({ line, reason }) => (
              <li key={line}>{say('catalogue_reject', { line, reason: reason[language] })}</li>
            ))}
          </ul>
        </div>
      )}
    </Modal>
  );
}
