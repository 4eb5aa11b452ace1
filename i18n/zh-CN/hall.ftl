# 大厅屏。听众看得到的只有会议名称、会场、时间和人名条。

hall = 大厅屏
hall-programme = 播出画面
hall-return = 返送画面
hall-touch = 触摸屏幕，打开声音
hall-elsewhere = 本会场正在另一个窗口显示
hall-show-here = 在这里显示
hall-state = { $phase ->
    [idle] 正在连接
    [waiting] 候会
    [watching] 收看
    [next] 预备
    [on-air] ● 播出
   *[ended] 已结束
  }
hall-title = { $state } · { $venue }
