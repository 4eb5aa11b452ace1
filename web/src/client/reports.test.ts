import { expect, test } from 'vitest';
import { reportEveryMs, Reports } from './reports';

test('facts are told once, and again when they change', () => {
  const reports = new Reports();
  reports.note({ hidden: false, level: -30 });
  expect(reports.take(0)).toEqual({ hidden: false, level: -30 });
  reports.note({ hidden: false, level: -20 });
  expect(reports.take(reportEveryMs - 1)).toBeUndefined();
  expect(reports.take(reportEveryMs)).toEqual({ level: -20 });
});

test('facts that are held back wait, and all are told when they are no more', () => {
  const reports = new Reports();
  reports.note({ hidden: false, level: -30 });
  reports.take(0);
  reports.hold(true);
  reports.note({ level: -20 });
  expect([reports.take(1000), reports.deadline]).toEqual([undefined, Infinity]);
  reports.hold(false);
  expect(reports.take(1000), 'another page has spoken meanwhile').toEqual({ hidden: false, level: -20 });
});
