# 值机台。

tech = 值机台
tech-title = { $state } · { $venue }值机台

tech-band = 本会场状态
tech-band-idle = 正在连接
tech-band-waiting = 候会
tech-band-watching = 收看中
tech-band-held = 可能返回
tech-band-next = 请准备
tech-band-air = 正在播出
tech-band-ended = 会议已结束
tech-band-lost = 链路中断
tech-band-hall-lost = 大厅屏中断
tech-band-gone = 不在会议中
tech-band-hall-back = 正在重连

tech-say-waiting = 会议尚未开始，话筒已关
tech-say-watching = 本会场未播出
tech-say-held = 刚才播出的是本会场，随时可能再次播出
tech-say-next = 下一个播出的是本会场
tech-say-seen-heard = 全场看到、听到本会场
tech-say-seen = 全场看到本会场，听不到声音
tech-say-heard = 全场听得到本会场，画面未播出
tech-say-ended = 话筒已关，可以离开
tech-say-lost = { $time } 起。正在自动重连，第 { $attempt } 次，无需操作。
tech-say-hall-lost = { $time } 起，服务器收不到本会场的画面和声音。请检查大厅屏电脑和网络。
tech-say-hall-back = 服务器刚刚恢复，大厅屏正在自动重连。
tech-say-gone = 本会场已不在本会议的会场名单中。如有疑问，请打电话给总控。
tech-say-absent = 大厅屏尚未入会。请在大厅屏电脑打开会场链接。

tech-mark-air = ON AIR 播出
tech-mark-next = NEXT 预备
tech-mark-left = 剩余 { $time }
tech-mark-last = 最后一分钟 { $time }
tech-mark-over = 超时 { $time }
tech-time-last = 还剩一分钟。
tech-time-over = 时间已到。
tech-mark-hand = 排队第 { $place }

tech-programme = 播出画面
tech-return = 返送
tech-return-note = 播出时本厅所见
tech-return-later = 预备或播出时显示
tech-self = 本会场
tech-self-size = { $width }×{ $height }，{ $fps } 帧
tech-return-slate = 候会画面，暂无返送
tech-source = { $venue }·{ $source }
tech-source-own = { $venue }（本会场）
tech-slate = 候会画面
tech-slate-lost = 此页收不到画面
tech-no-picture = 无画面

tech-levels = 电平
tech-level-mic = 话筒
tech-level-programme = 播出声
tech-db = { $level } dB
tech-silent = 无声
tech-listen = 监听播出声
tech-listening = 停止监听
tech-listen-blocked = 点按后开始监听

tech-mic-open = 话筒已开
tech-mic-open-chair = 由主席开放，全场都能听到。
tech-mic-open-standing = 主席会场的话筒始终开放，全场都能听到。
tech-mic-open-missing = 大厅屏没有找到话筒，全场听不到。
tech-mic-closed = 话筒已关
tech-mic-closed-chair = 由主席关闭；点名发言时自动开放。
tech-mic-closed-before = 会议开始前话筒关闭。
tech-mic-closed-after = 会议结束后话筒关闭。
tech-mic-withheld = 已由主会场关闭，尚未记入日志。
tech-mic-disagrees = 话筒状态不一致
tech-mic-disagrees-do = 服务器与大厅屏报告不同，请打电话给总控。
tech-mic-opening = 话筒正在开放
tech-mic-opening-note = 主席已开放，等待回执。
tech-mic-as-of-open = 话筒：截至 { $time } 为已开
tech-mic-as-of-closed = 话筒：截至 { $time } 为已关
tech-mic-kept = 发言权保留到 { $time }，逾期由主会场收回。
tech-mic-back = 接通后恢复显示。

tech-rundown = 接下来
tech-rundown-held = 流程单
tech-rundown-as-of = 接下来（截至 { $time }）
tech-rundown-none = 本次会议没有流程单。
tech-item = { $venue } { $person }，{ $title }
tech-item-venue = { $venue }，{ $title }
tech-item-own = 本会场 { $person }，{ $title }
tech-item-own-venue = 本会场，{ $title }
tech-left = 剩 { $time }
tech-over = 超 { $time }
tech-item-done = 已完成
tech-minutes = { $minutes } 分

tech-ring = 有事先打电话：{ $name }
tech-phone = 电话 { $phone }
tech-ring-none = 上级会场没有登记电话。

tech-ask = 请求发言
tech-ask-kind = 事由
tech-ask-lost = 请求发言，接通后可用
tech-ask-shut = 请求发言，暂不提供
tech-ask-before = 请求发言，会议开始后可用
tech-ask-speaking = 正在发言
tech-withdraw = 撤回请求，现排第 { $place }
tech-taken-off = 总控于 { $time } 撤下了您的请求
tech-seen = 知道了
tech-unconfirmed = 未确认
tech-not-known = 不知是否已执行：请看本会场是否在队列中。
tech-shut = 服务器的日志写不进去，暂时不能请求或撤回发言。急事请打电话给总控。
tech-again = 重试

tech-line = 线路 { $quality ->
    [good] 良好
    [fair] 一般
    [poor] 较差
    [idle] 空闲
   *[lost] 中断
  }
tech-line-down = 下行 { $width }×{ $height }，{ $fps } 帧
tech-line-no-picture = 下行无画面
tech-line-up = 上行 { $layers } 线
tech-line-up-none = 上行无画面
tech-line-lost = 最近一次联系 { $time }，已 { $span }
tech-say-camera = { $fault ->
    [refused] 大厅屏没有摄像头的使用权限。
    [in_use] 大厅摄像头被其他程序占用。
   *[missing] 大厅屏电脑没有找到摄像头。
  }
tech-camera-do = { $fault ->
    [refused] 请在大厅屏电脑上点地址栏左侧的锁形图标，允许摄像头和麦克风，然后重新载入页面。
    [in_use] 请关闭占用它的程序，之后会自动启用。
   *[missing] 请接好并打开摄像头，之后会自动启用。
  }
tech-sound-blocked = 大厅屏声音未打开，请触摸大厅屏
tech-hidden = 大厅屏页面被遮住
tech-clock-wrong = { $way ->
    [fast] 本机时钟偏差 { $by }（偏快），页面按服务器时间显示。
   *[slow] 本机时钟偏差 { $by }（偏慢），页面按服务器时间显示。
  }

tech-log = 本会场记录
tech-log-none = 暂无记录。
