// Two desks of one meeting: each names the other, and what one has seen to the other knows, over a reload too (U16, U29).

import { expect, test } from './support/onehall';

test.skip(!process.env['ONEHALL_BIN'], 'ONEHALL_BIN names no onehall');
test.use({ viewport: { width: 1366, height: 768 } });

test('U16, U29: a second desk is named on the first, and an alarm that one has seen to is seen to on both', async ({
  demo,
  rooms,
}) => {
  test.setTimeout(120_000);
  const first = await rooms.page(demo.ready.desk);
  const others = first.locator('[data-desks]');
  await expect(others).toHaveAttribute('data-desks', '0');
  const second = await rooms.page(demo.ready.desk);
  await expect(others).toHaveAttribute('data-desks', '1');
  await expect(others).toContainText('导播');
  await expect(second.locator('[data-desks]')).toHaveAttribute('data-desks', '1');

  // A hall page that is covered is an alarm.
  const hall = await rooms.page(demo.venue(1).page);
  await hall.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  const alarm = first.locator('[data-alarm]').first();
  await expect(alarm).toBeVisible({ timeout: 30_000 });
  const id = (await alarm.getAttribute('data-alarm')) ?? '';
  const there = second.locator(`[data-alarm="${id}"]`);
  await expect(there).not.toHaveAttribute('data-acknowledged');
  await alarm.locator('[data-act=acknowledge]').click();
  await expect(alarm).toHaveAttribute('data-acknowledged', 'director');
  await expect(there).toHaveAttribute('data-acknowledged', 'director');
  await second.reload();
  await expect(there).toHaveAttribute('data-acknowledged', 'director');
  await expect(there.locator('[data-act=acknowledge]')).toHaveCount(0);

  await second.close();
  await expect(others).toHaveAttribute('data-desks', '0');
});
