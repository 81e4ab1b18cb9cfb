/** kam_task_cancel__c : call a task off. inputData: taskId. */
Map given = inputData as Map
def (Boolean error, Object data, String message) = Fx.work.cancelTask(given["taskId"] as String)
return ["isError": error, "data": data, "message": error ? message : ""]
