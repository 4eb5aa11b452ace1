# 操作被拒的原因：谁占用、怎么办。$holder 是会场、信号源或人员的名称。

refused-no-right = 本页面无权操作。
refused-no-right-who = 只有{ $roles }可以操作。
refused-not-started = 会议尚未开始。
refused-already-started = 会议已经开始。
refused-ended = 会议已经结束。
refused-unknown-source = 本次会议没有该信号源。
refused-unknown-venue = 本次会议没有该会场。
refused-unknown-person = 本次会议没有该人员。
refused-unknown-request = 该请求已不存在。
refused-unknown-item = 流程单中没有该环节。
refused-unknown-alarm = 该告警已解除。
refused-preview-changed = 预监已换成其他信号源，请看清后再切换。
refused-preview-empty = 预监为空，请先选择信号源。
refused-floor-held = { $holder }正在发言，请先结束发言。
refused-floor-full = 已开放四个话筒，请先关闭一个。
refused-no-call-on = 当前没有点名发言。
refused-already-waiting = 请求已在队列中。
refused-not-waiting = 本会场没有排队的请求。
refused-bad-limit = 该时限不可用。
refused-key-reused = 该操作与之前的命令重复，请再按一次。
refused-too-often = 操作过于频繁，请等十秒后再按。
refused-busy = 未执行：服务器未能受理。如仍需要，请再按一次。
refused-unconfirmed = 不知是否已执行：请看播出画面和开放的话筒。

role-director = 导播
role-chair = 主席
role-venue = 会场
role-watcher = 观看者
