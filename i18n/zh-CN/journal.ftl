# 会议日志的行。

journal-opened = 场次建立
journal-started = 会议开始
journal-ended = 会议结束
journal-closed = 场次关闭
journal-loss-accepted = 部分日志记录已丢失，经确认后继续
journal-joined = { $venue } 接入
journal-preview = { $source } 送入预监
journal-preview-empty = 预监清空
journal-programme = 切换：{ $source }
journal-slate = 切换：垫片
journal-floor-opened = { $venue } 话筒开放
journal-floor-closed = { $venue } 话筒关闭
journal-call-on = 点名发言：{ $venue } { $person }
journal-call-on-ended = 发言结束：{ $venue }
journal-raised = { $venue } 请求发言 { $person }
journal-withdrawn = { $venue } 撤回请求
journal-dropped = 移除请求：{ $venue }
journal-item = 环节开始：{ $item }
journal-roster = 名单变更
journal-unchanged = 命令重复，状态未变
journal-clock-jumped = 服务器时钟跳变
journal-to-be-entered = 待补入
journal-by-server = { $said }（系统）
