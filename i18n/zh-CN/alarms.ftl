# 告警。$venue 会场简称，$number 数值；“-short” 用于会场墙，“-does” 说明系统在做什么、可以做什么。

alarm-short-lost = 已断
alarm-short-no-picture = 无画面
alarm-short-microphone-disagrees = 话筒不符
alarm-short-camera-refused = 摄像头未授权
alarm-short-camera-missing = 无摄像头
alarm-short-camera-in-use = 摄像头占用
alarm-short-audio-dropped = 多余声音
alarm-short-silent = 无声
alarm-short-sound-blocked = 未放声
alarm-short-page-hidden = 页面隐藏
alarm-short-loss = 丢包
alarm-short-packets-too-large = 包过大

alarm-lost = { $venue } 中断{ $number }
alarm-no-picture = { $venue } 等待画面{ $number }
alarm-microphone-disagrees = { $venue } 话筒状态不符{ $number }
alarm-camera-refused = { $venue } 摄像头被拒绝{ $number }
alarm-camera-missing = { $venue } 未找到摄像头{ $number }
alarm-camera-in-use = { $venue } 摄像头被占用{ $number }
alarm-audio-dropped = { $venue } 未获发言权仍送声音 { $number }
alarm-silent = { $venue } 无声 { $number }
alarm-sound-blocked = { $venue } 浏览器未放声{ $number }
alarm-page-hidden = { $venue } 大屏页面被隐藏{ $number }
alarm-loss = { $venue } 丢包 { $number }
alarm-packets-too-large = { $venue } 数据包过大 { $number }
alarm-most = { $all } 个会场中 { $count } 个{ $what }
alarm-many = { $place } { $count } 个会场{ $what }

alarm-lost-does = 自动重连中，发言权保留
alarm-no-picture-does = 仍播原画面，等待关键帧
alarm-microphone-disagrees-does = 以服务器为准，请与值机核对
alarm-camera-refused-does = 请值机点地址栏锁形图标允许，再刷新
alarm-camera-missing-does = 请值机检查连线，接好后自动启用
alarm-camera-in-use-does = 请值机关闭占用的程序
alarm-audio-dropped-does = 已丢弃，不会播出
alarm-silent-does = 已获发言权，请值机查话筒
alarm-sound-blocked-does = 请值机触摸大屏开声
alarm-page-hidden-does = 请值机切回会场页面
alarm-loss-does = 画面已降级，声音优先
alarm-packets-too-large-does = 已丢弃；编码器的 mtu 或 pkt_size 请设为 1200
alarm-most-does = 请先检查本级线路
alarm-since = { $time } 起；{ $does }
