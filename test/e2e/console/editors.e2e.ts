// Editors in a browser, on the demo shop: what was done can be undone and done again, by button and by key, and what is saved is what is seen.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAbsent } from '../../support/chromium.ts';
import { openStage, type Stage } from '../../support/console-stage.ts';

type Read = { readonly name?: string; readonly programme?: { readonly name: string } };
const STAGES = { kind: 'and', of: [{ kind: 'stage', in: ['dormant'] }] };

describe.skipIf(chromiumAbsent !== '')(`editors${chromiumAbsent}`, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage?.close());

  it('a programme: typed, undone and redone by button and by key outside of a text field, then saved', async () => {
    const { page, errors, close } = await stage.visit('/programmes/new', { language: 'en', theme: 'light' });
    const name = page.getByRole('textbox', { name: 'Name', exact: true });
    const horizon = page.getByRole('spinbutton', { name: 'Days from entry' });
    const [undo, redo] = [page.getByRole('button', { name: 'Undo' }), page.getByRole('button', { name: 'Redo' })];
    const shows = (wanted: readonly [string, string]): Promise<void> =>
      expect.poll(async () => [await name.inputValue(), await horizon.inputValue()]).toEqual(wanted);
    await shows(['', '30']);
    expect([await undo.isDisabled(), await redo.isDisabled()]).toEqual([true, true]);

    await name.pressSequentially('Autumn');
    await horizon.fill('45');
    await horizon.blur();
    await shows(['Autumn', '45']);
    // A word typed in one go is one step, however many letters it has.
    await undo.click();
    await shows(['Autumn', '30']);
    await undo.click();
    await shows(['', '30']);
    expect(await undo.isDisabled()).toBe(true);
    await redo.click();
    await redo.click();
    await shows(['Autumn', '45']);
    expect(await redo.isDisabled()).toBe(true);

    const outside = page.getByRole('heading', { level: 1 });
    await outside.click();
    await page.keyboard.press('Control+z');
    await shows(['Autumn', '30']);
    await page.keyboard.press('Control+Shift+z');
    await shows(['Autumn', '45']);
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await shows(['', '30']);
    await page.keyboard.press('Control+Shift+z');
    await shows(['Autumn', '30']);
    // Inside of a text field the key is the field's own: the horizon, which is not in it, stays undone.
    await name.click();
    await page.keyboard.press('Control+Shift+z');
    await name.press('End');
    await name.pressSequentially(' again');
    await shows(['Autumn again', '30']);
    // Something else was done: there is nothing left to be done again.
    expect(await redo.isDisabled()).toBe(true);

    await page.getByRole('button', { name: 'Save draft' }).click();
    await page.waitForURL(/\/programmes\/autumn-again$/);
    const saved = await page.evaluate(async () => (await fetch('/api/programmes/autumn-again')).json());
    expect(saved).toMatchObject({ programme: { name: 'Autumn again', goal: { withinDays: 30 } }, state: 'draft' });
    expect(errors).toEqual([]);
    await close();
  });

  it.each([
    {
      what: 'a programme',
      address: '/programmes/winter/edit',
      path: 'programmes/winter',
      save: 'Save draft',
      nameOf: (read: Read) => read.programme?.name,
      changed: (read: Read) => ({ ...read.programme, name: 'Theirs' }),
    },
    {
      what: 'a segment',
      address: '/segments/winter',
      path: 'segments/winter',
      save: 'Save',
      nameOf: (read: Read) => read.name,
      changed: () => ({ name: 'Theirs', segment: STAGES, allowUnseen: false, watched: false }),
    },
  ])('$what typed on an older version, left and taken up again, is not saved over a newer one unseen', async (one) => {
    const { page, errors, close } = await stage.visit('/programmes', { language: 'en', theme: 'light' });
    const api = (method: string, path: string, body?: unknown): Promise<Read> =>
      page.evaluate(
        async ([how, where, what]) => {
          const answer = await fetch(`/api/${where}`, {
            method: how,
            ...(what === '' ? {} : { body: what, headers: { 'content-type': 'application/json' } }),
          });
          if (!answer.ok) throw new Error(await answer.text());
          return (await answer.json()) as Read;
        },
        [method, path, body === undefined ? '' : JSON.stringify(body)] as const,
      );
    if (one.path.startsWith('programmes')) {
      const { programme } = await api('GET', 'programmes/autumn-again');
      await api('POST', 'programmes', { ...programme, programmeId: 'winter', name: 'Winter' });
    } else await api('POST', 'segments', { segmentId: 'winter', name: 'Winter', segment: STAGES, watched: false });
    const name = page.getByRole('textbox', { name: 'Name', exact: true });
    const open = async (shown: string): Promise<void> => {
      await page.goto(`${stage.url}/console${one.address}`);
      await expect.poll(() => name.inputValue()).toBe(shown);
    };
    await open('Winter');
    await name.fill('Mine');
    await api('PATCH', one.path, one.changed(await api('GET', one.path)));
    await open('Mine');
    await page.getByRole('button', { name: one.save, exact: true }).click();
    await page.getByText('Somebody else has changed this meanwhile').waitFor();
    expect(one.nameOf(await api('GET', one.path))).toBe('Theirs');
    await page.getByRole('button', { name: 'Load the current version' }).click();
    await expect.poll(() => name.inputValue()).toBe('Theirs');
    // What is typed now stands on what is there now.
    await name.fill('Both');
    await page.getByRole('button', { name: one.save, exact: true }).click();
    await expect.poll(async () => one.nameOf(await api('GET', one.path))).toBe('Both');
    // The refusal itself is what the browser calls an error.
    expect(errors.filter((error) => !error.includes('409') && !error.includes('412'))).toEqual([]);
    await close();
  });

  it('the margin is a percentage on the page and a share on the wire', async () => {
    const { page, errors, close } = await stage.visit('/settings', { language: 'zh', theme: 'light' });
    const margin = page.getByRole('spinbutton', { name: '毛利率' });
    const stored = (): Promise<unknown> =>
      page.evaluate(async () => ((await (await fetch('/api/business')).json()) as { marginShare: number }).marginShare);
    const before = await stored();
    await expect.poll(() => margin.inputValue()).toBe(String(Math.round(Number(before) * 100)));
    await margin.fill('37.5');
    await page.getByRole('button', { name: '保存' }).click();
    await expect.poll(stored).toBe(0.375);
    expect(errors).toEqual([]);
    await close();
  });

  it('what another currency is worth is a row of the profile, and can be taken away', async () => {
    const { page, errors, close } = await stage.visit('/settings', { language: 'zh', theme: 'light' });
    const stored = (): Promise<unknown> =>
      page.evaluate(async () => ((await (await fetch('/api/business')).json()) as { rates: unknown }).rates);
    const save = () => page.getByRole('button', { name: '保存' }).click();
    await page.getByRole('button', { name: '添加汇率' }).click();
    const currency = page.getByRole('combobox', { name: '汇率币种' });
    await currency.fill('JPY');
    await currency.press('Enter');
    const since = page.getByRole('textbox', { name: '生效日期' });
    await since.fill('2026年9月10日');
    await since.press('Enter');
    await page.getByRole('spinbutton', { name: '折合本币' }).fill('0.0065');
    await save();
    await expect.poll(stored).toEqual([{ currency: 'JPY', from: '2026-09-10', rate: 0.0065 }]);
    await page.getByRole('button', { name: '移除' }).click();
    await save();
    await expect.poll(stored).toEqual([]);
    expect(errors).toEqual([]);
    await close();
  });

  it('a day is shown as the page writes days, and a filter by days keeps it in the address', async () => {
    const { page, errors, close } = await stage.visit('/reach/messages', { language: 'zh', theme: 'light' });
    const since = page.getByRole('textbox', { name: '计划日期从' });
    await since.fill('2026年9月10日');
    await since.press('Enter');
    await page.waitForURL(/since=2026-09-10/);
    await expect.poll(() => since.inputValue()).toBe('2026年9月10日');
    expect(errors).toEqual([]);
    await close();
  });
});
