# 观看页。

watch = 观看
watch-title = { $state } · { $meeting }
watch-state-idle = 正在连接
watch-state-waiting = 未开始
watch-state-live = 直播中
watch-state-ended = 已结束
watch-picture = 播出画面
watch-player = 播放
watch-sound-on = 打开声音
watch-sound-off = 关闭声音
watch-volume = 音量
watch-live = 直播
watch-full = 全屏
watch-full-leave = 退出全屏
watch-reconnecting = 画面中断，正在自动重连
watch-wait = 请稍候，画面即将播出
watch-agenda = 议程
watch-agenda-none = 本次会议没有公布议程。
watch-item = 环节 { $number }　{ $title }
watch-item-about = { $who }。{ $time } 开始，计划 { $minutes } 分钟。
watch-item-plan = { $time } 开始，计划 { $minutes } 分钟。
watch-who = { $person }，{ $venue }
watch-left = 剩 { $time }
watch-over = 超 { $time }
watch-done = 已完成
