import type { LaunchOptions } from '@playwright/test';

export function chromiumLaunch(fakes?: { camera?: string; microphone?: string }): LaunchOptions;
