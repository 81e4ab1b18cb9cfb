/**
 * kam_task_create__c : make one task (任务). Parameter: inputData (Map)
 *   title, description (its last line is kamsync's marker), deadLine (epoch ms), multiExecute,
 *   executeUsers {users, departments}, atUsers, objects [{object_api_name, id}]
 * Returns {isError, data: {taskId}, message}.
 */
Map given = inputData as Map
DateTime deadLine = DateTime.of(given["deadLine"] as Long)
List users = (given["executeUsers"] as Map)["users"] as List
List departments = ((given["executeUsers"] as Map)["departments"] ?: []) as List
def (Boolean error, Object taskId, String message) = Fx.work.createTaskV2(
    given["title"] as String,
    given["description"] as String,
    deadLine,
    (given["multiExecute"] ?: false) as Boolean,
    ["users": users, "departments": departments],
    (given["atUsers"] ?: []) as List,
    given["objects"] as List
)
if (error) {
    log.info("kamsync: createTaskV2 failed: " + message)
    return ["isError": true, "data": null, "message": message]
}
return ["isError": false, "data": ["taskId": taskId], "message": ""]
