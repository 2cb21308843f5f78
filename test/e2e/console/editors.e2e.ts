// Editors in a browser, on the demo shop: what was done can be undone and done again, by button and by key, and what is saved is what is seen.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAbsent } from '../../support/chromium.ts';
import { openStage, type Stage } from '../../support/console-stage.ts';

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
